{{ config(tags=['near_real_time']) }}
-- Grain: one row per change of a transaction, each accepted once.
{{ accepted_changes(
    feed='customer_transactions',
    delivered=ref('delivered_kinesis__customer_transactions'),
) }}
