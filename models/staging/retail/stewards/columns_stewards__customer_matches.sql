{{ config(tags=['hourly']) }}
-- Grain: one row per column of the source, declared or not.
{{ schema_changes(
    feed='customer_matches',
    delivered=ref('delivered_stewards__customer_matches'),
) }}
