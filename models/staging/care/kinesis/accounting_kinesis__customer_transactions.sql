{{ config(tags=['near_real_time']) }}
-- Grain: one row per landing model and load.
{{ load_accounting(
    landing=ref('mv_customer_transactions'),
    delivered=ref('delivered_kinesis__customer_transactions'),
) }}
