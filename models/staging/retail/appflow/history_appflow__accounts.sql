{{ config(tags=['hourly']) }}
-- Grain: one row per change of an account, with the time it was valid.
{{ change_history(
    feed='accounts',
    changes=ref('stg_appflow__accounts'),
) }}
