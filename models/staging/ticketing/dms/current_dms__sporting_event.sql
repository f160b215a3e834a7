{{ config(tags=['hourly']) }}
-- Grain: one row per event as it is now.
{{ current_state(
    feed='sporting_event',
    history=ref('history_dms__sporting_event'),
) }}
