{{ config(tags=['near_real_time']) }}
-- Grain: one row per change of a product, with the time it was valid.
{{ change_history(
    feed='products',
    changes=ref('stg_debezium__products'),
) }}
