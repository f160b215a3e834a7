{{ config(tags=['near_real_time']) }}
-- Grain: one row per column of the source, declared or not.
{{ schema_changes(
    feed='customer_transactions',
    delivered=ref('delivered_kinesis__customer_transactions'),
) }}
