{{ config(tags=['near_real_time']) }}
-- Grain: one row per change of a transaction, with the time it was valid.
{{ change_history(
    feed='customer_transactions',
    changes=ref('stg_kinesis__customer_transactions'),
) }}
