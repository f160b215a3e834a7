{{ config(tags=['hourly']) }}
-- Grain: one row per landing model and load.
{{ load_accounting(
    landing=ref('copy_customer_matches'),
    delivered=ref('delivered_stewards__customer_matches'),
) }}
