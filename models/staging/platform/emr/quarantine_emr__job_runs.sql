{{ config(tags=['daily']) }}
-- Grain: one row per document that staging could not accept.
{{ quarantined_records(ref('delivered_emr__job_runs')) }}
