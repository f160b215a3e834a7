{{ config(tags=['hourly']) }}
-- Grain: one row, for the latest copy of the table order_items.
{{ load_accounting(
    landing=ref('copy_aurora_order_items'),
    delivered=ref('delivered_aurora__order_items'),
    is_replica=true,
) }}
