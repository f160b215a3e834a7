{{ config(tags=['hourly']) }}
-- Grain: one row per change of an object, with the time it was valid.
{{ change_history(
    feed='object',
    changes=ref('stg_dms__object'),
) }}
