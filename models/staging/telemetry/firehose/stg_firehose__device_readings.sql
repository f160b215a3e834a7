{{ config(tags=['near_real_time']) }}
-- Grain: one row per change of a reading, each accepted once.
{{ accepted_changes(
    feed='device_readings',
    delivered=ref('delivered_firehose__device_readings'),
) }}
