{{ config(tags=['near_real_time']) }}
-- Grain: one row per column of the source, declared or not.
{{ schema_changes(
    feed='device_readings',
    delivered=ref('delivered_firehose__device_readings'),
) }}
