{{ config(tags=['hourly']) }}
-- Grain: one row per record that the data stewards' files delivered, with what became of it.
{{ delivered_changes(
    feed='customer_matches',
    landings=[ref('copy_customer_matches')],
) }}
