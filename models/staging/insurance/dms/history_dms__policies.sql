{{ config(tags=['daily']) }}
-- Grain: one row per change of a policy, with the time it was valid.
{{ change_history(
    feed='policies',
    changes=ref('stg_dms__policies'),
) }}
