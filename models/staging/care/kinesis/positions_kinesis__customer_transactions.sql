{{ config(tags=['near_real_time']) }}
-- Grain: one row per load and shard.
{{ stream_positions(ref('mv_customer_transactions'), partition='shard_id', position='sequence_number', is_dense=false) }}
