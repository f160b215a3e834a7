{{ config(tags=['near_real_time']) }}
-- Grain: one row per landing model and load.
{{ load_accounting(
    landing=ref('copy_device_readings'),
    delivered=ref('delivered_firehose__device_readings'),
) }}
