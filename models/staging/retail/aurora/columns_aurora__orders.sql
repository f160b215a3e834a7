{{ config(tags=['hourly']) }}
-- Grain: one row per column of the source, declared or not.
{{ schema_changes(
    feed='aurora_orders',
    delivered=ref('delivered_aurora__orders'),
) }}
