{{ config(tags=['near_real_time']) }}
-- Grain: one row per load and partition.
{{ stream_positions(
    landing=ref('mv_orders'),
    delivered=ref('delivered_msk__orders'),
) }}
