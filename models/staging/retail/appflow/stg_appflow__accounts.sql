{{ config(tags=['hourly']) }}
-- Grain: one row per change of an account, each accepted once.
{{ accepted_changes(
    feed='accounts',
    delivered=ref('delivered_appflow__accounts'),
) }}
