{{ config(tags=['daily']) }}
-- Grain: one row per document that staging could not accept.
{{ quarantined_records(ref('delivered_glue__job_runs')) }}
