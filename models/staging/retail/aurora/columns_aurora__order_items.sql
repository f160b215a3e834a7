{{ config(tags=['hourly']) }}
-- Grain: one row per column of the source, declared or not.
{{ schema_changes(
    feed='aurora_order_items',
    delivered=ref('delivered_aurora__order_items'),
) }}
