{{ config(tags=['near_real_time']) }}
-- Grain: one row per transaction as it is now.
{{ current_state(
    feed='customer_transactions',
    history=ref('history_kinesis__customer_transactions'),
) }}
