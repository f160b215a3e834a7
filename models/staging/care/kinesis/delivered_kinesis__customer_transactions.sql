{{ config(tags=['near_real_time']) }}
-- Grain: one row per record that the DynamoDB table delivered, with what became of it.
{{ delivered_changes(
    feed='customer_transactions',
    landings=[ref('mv_customer_transactions')],
) }}
