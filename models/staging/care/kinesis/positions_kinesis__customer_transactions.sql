{{ config(tags=['near_real_time']) }}
-- Grain: one row per load and shard.
{{ stream_positions(
    landing=ref('mv_customer_transactions'),
    delivered=ref('delivered_kinesis__customer_transactions'),
    partition='shard_id',
    position='sequence_number',
    is_dense=false,
) }}
