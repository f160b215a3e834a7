{{ config(tags=['near_real_time']) }}
-- Grain: one row per record that Debezium delivered, with what became of it.
{{ delivered_changes(
    feed='products',
    landings=[ref('mv_products')],
) }}
