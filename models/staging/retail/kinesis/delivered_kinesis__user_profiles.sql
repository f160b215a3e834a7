{{ config(tags=['near_real_time']) }}
-- Grain: one row per record that the stream of profiles delivered, with what became of it.
{{ delivered_changes(
    feed='user_profiles',
    landings=[ref('mv_user_profiles')],
) }}
