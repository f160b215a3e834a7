{{ config(tags=['hourly']) }}
-- Grain: one row per column of the source, declared or not.
{{ schema_changes(
    feed='accounts',
    delivered=ref('delivered_appflow__accounts'),
) }}
