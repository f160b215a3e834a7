{{ config(tags=['hourly']) }}
-- Grain: one row per landing model and load.
{{ load_accounting(
    landing=ref('copy_appflow_accounts'),
    delivered=ref('delivered_appflow__accounts'),
) }}
