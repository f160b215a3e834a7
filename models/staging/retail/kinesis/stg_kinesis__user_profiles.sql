{{ config(tags=['near_real_time']) }}
-- Grain: one row per change of a user, each accepted once.
{{ accepted_changes(
    feed='user_profiles',
    delivered=ref('delivered_kinesis__user_profiles'),
) }}
