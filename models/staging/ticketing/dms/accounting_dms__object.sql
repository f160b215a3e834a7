{{ config(tags=['hourly']) }}
-- Grain: one row per landing model and load.
{{ load_accounting(
    landing=ref('copy_dms_object'),
    delivered=ref('delivered_dms__object'),
) }}
