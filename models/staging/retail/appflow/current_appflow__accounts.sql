{{ config(tags=['hourly']) }}
-- Grain: one row per account as it is now.
{{ current_state(
    feed='accounts',
    history=ref('history_appflow__accounts'),
) }}
