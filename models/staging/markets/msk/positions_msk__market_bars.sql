{{ config(tags=['near_real_time']) }}
-- Grain: one row per load and partition.
{{ stream_positions(
    landing=ref('mv_market_bars'),
    delivered=ref('delivered_msk__market_bars'),
    partition='kafka_partition',
    position='kafka_offset',
) }}
