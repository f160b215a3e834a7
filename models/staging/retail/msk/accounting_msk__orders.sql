{{ config(tags=['near_real_time']) }}
-- Grain: one row per load of the orders topic.
{{ load_accounting(
    landing=ref('mv_orders'),
    delivered=ref('delivered_msk__orders'),
) }}
