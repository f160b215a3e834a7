{{ config(tags=['hourly']) }}
-- Grain: one row per landing model and load.
{{ load_accounting(
    landing=[
        ref('copy_dms_mlb_data_load'),
        ref('copy_dms_mlb_data'),
    ],
    delivered=ref('delivered_dms__mlb_data'),
) }}
