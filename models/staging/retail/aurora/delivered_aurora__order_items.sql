{{ config(tags=['hourly']) }}
-- Grain: one row per record of the latest copy of the table order_items, with what became of it.
{{ replicated_rows(
    feed='aurora_order_items',
    landing=ref('copy_aurora_order_items'),
) }}
