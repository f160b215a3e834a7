{{ config(tags=['hourly']) }}
-- Grain: one row per statement, each accepted once.
{{ accepted_changes(
    feed='customer_matches',
    delivered=ref('delivered_stewards__customer_matches'),
) }}
