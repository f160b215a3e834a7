{{ config(tags=['hourly']) }}
-- Grain: one row per object as it is now.
{{ current_state(
    feed='object',
    history=ref('history_dms__object'),
) }}
