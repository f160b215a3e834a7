{{ config(tags=['hourly']) }}
-- Grain: one row per row of the latest copy, each accepted once.
{{ accepted_changes(
    feed='aurora_orders',
    delivered=ref('delivered_aurora__orders'),
) }}
