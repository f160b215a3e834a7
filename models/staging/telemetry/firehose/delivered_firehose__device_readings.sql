{{ config(tags=['near_real_time']) }}
-- Grain: one row per record that the Firehose objects delivered, with what became of it.
{{ delivered_changes(
    feed='device_readings',
    landings=[ref('copy_device_readings')],
) }}
