{{ config(tags=['hourly']) }}
-- Grain: one row per record that staging could not accept.
{{ quarantined_records(ref('delivered_stewards__customer_matches')) }}
