{{ config(tags=['hourly']) }}
-- Grain: one row per landing model and load.
{{ load_accounting(
    landing=[
        ref('copy_dms_sporting_event_load'),
        ref('copy_dms_sporting_event'),
    ],
    delivered=ref('delivered_dms__sporting_event'),
) }}
