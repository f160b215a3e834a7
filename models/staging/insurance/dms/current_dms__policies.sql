{{ config(tags=['daily']) }}
-- Grain: one row per policy as it is now.
{{ current_state(
    feed='policies',
    history=ref('history_dms__policies'),
) }}
