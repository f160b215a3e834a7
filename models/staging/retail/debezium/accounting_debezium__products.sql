{{ config(tags=['near_real_time']) }}
-- Grain: one row per landing model and load.
{{ load_accounting(
    landing=ref('mv_products'),
    delivered=ref('delivered_debezium__products'),
) }}
