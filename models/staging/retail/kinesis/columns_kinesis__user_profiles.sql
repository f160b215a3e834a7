{{ config(tags=['near_real_time']) }}
-- Grain: one row per column of the source, declared or not.
{{ schema_changes(
    feed='user_profiles',
    delivered=ref('delivered_kinesis__user_profiles'),
) }}
