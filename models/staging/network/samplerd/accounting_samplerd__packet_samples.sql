{{ config(tags=['near_real_time']) }}
-- Grain: one row per load of the topic of packet samples.
{{ load_accounting(
    landing=ref('mv_packet_samples'),
    delivered=ref('delivered_samplerd__packet_samples'),
) }}
