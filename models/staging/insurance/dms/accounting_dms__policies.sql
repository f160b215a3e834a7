{{ config(tags=['daily']) }}
-- Grain: one row per landing model and load.
{{ load_accounting(
    landing=[
        ref('copy_dms_policies_load'),
        ref('copy_dms_policies'),
    ],
    delivered=ref('delivered_dms__policies'),
) }}
