{{ config(tags=['near_real_time']) }}
-- Grain: one row per column of the source, declared or not.
{{ schema_changes(
    feed='products',
    delivered=ref('delivered_debezium__products'),
) }}
