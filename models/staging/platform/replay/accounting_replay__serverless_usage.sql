{{ config(tags=['daily']) }}
-- Grain: one row per load of unloaded usage.
{{ load_accounting(
    landing=ref('copy_serverless_usage'),
    delivered=ref('delivered_replay__serverless_usage'),
) }}
