{{ config(tags=['near_real_time']) }}
-- Grain: one row per load and shard.
{{ stream_positions(
    landing=ref('mv_user_profiles'),
    delivered=ref('delivered_kinesis__user_profiles'),
    partition='shard_id',
    position='sequence_number',
    is_dense=false,
) }}
