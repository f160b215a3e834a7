{{ config(tags=['near_real_time']) }}
-- Grain: one row per load and partition.
{{ stream_positions(
    landing=ref('mv_products'),
    delivered=ref('delivered_debezium__products'),
) }}
