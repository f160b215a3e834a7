{{ config(tags=['near_real_time']) }}
-- Grain: one row per user as it is now.
{{ current_state(
    feed='user_profiles',
    history=ref('history_kinesis__user_profiles'),
) }}
