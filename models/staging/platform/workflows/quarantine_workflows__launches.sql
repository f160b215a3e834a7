{{ config(tags=['workflows', 'daily']) }}
-- Grain: one row per document that staging could not accept.
{{ quarantined_records(ref('delivered_workflows__launches')) }}
