{{ config(tags=['near_real_time']) }}
-- Grain: one row per change of a product, each accepted once.
{{ accepted_changes(
    feed='products',
    delivered=ref('delivered_debezium__products'),
) }}
