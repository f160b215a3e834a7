{{ config(tags=['daily']) }}
-- Grain: one row per landing model and load.
{{ load_accounting(
    landing=ref('copy_dms_clinic_encounters'),
    delivered=ref('delivered_dms__clinic_encounters'),
) }}
