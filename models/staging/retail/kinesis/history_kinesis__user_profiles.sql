{{ config(tags=['near_real_time']) }}
-- Grain: one row per change of a user, with the time it was valid.
{{ change_history(
    feed='user_profiles',
    changes=ref('stg_kinesis__user_profiles'),
) }}
