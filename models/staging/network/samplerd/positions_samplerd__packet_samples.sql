{{ config(tags=['near_real_time']) }}
-- Grain: one row per load and partition.
{{ stream_positions(
    landing=ref('mv_packet_samples'),
    delivered=ref('delivered_samplerd__packet_samples'),
) }}
