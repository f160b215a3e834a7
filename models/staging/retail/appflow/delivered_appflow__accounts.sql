{{ config(tags=['hourly']) }}
-- Grain: one row per record that AppFlow delivered, with what became of it.
{{ delivered_changes(
    feed='accounts',
    landings=[ref('copy_appflow_accounts')],
) }}
