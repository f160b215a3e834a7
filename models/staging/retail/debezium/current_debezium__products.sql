{{ config(tags=['near_real_time']) }}
-- Grain: one row per product as it is now.
{{ current_state(
    feed='products',
    history=ref('history_debezium__products'),
) }}
