{{ config(tags=['near_real_time']) }}
-- Grain: one row per landing model and load.
{{ load_accounting(
    landing=ref('mv_user_profiles'),
    delivered=ref('delivered_kinesis__user_profiles'),
) }}
