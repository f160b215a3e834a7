{{ config(tags=['daily']) }}
-- Grain: one row per landing model and load.
{{ load_accounting(
    landing=ref('copy_dms_clinic_patients'),
    delivered=ref('delivered_dms__clinic_patients'),
) }}
