{{ config(tags=['daily']) }}
-- Grain: one row per record that staging could not accept.
{{ quarantined_records(ref('delivered_dms__clinic_encounters')) }}
