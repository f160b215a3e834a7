{{ config(tags=['hourly']) }}
-- Grain: one row, for the latest copy of the table orders.
{{ load_accounting(
    landing=ref('copy_aurora_orders'),
    delivered=ref('delivered_aurora__orders'),
    is_replica=true,
) }}
