{{ config(tags=['hourly']) }}
-- Grain: one row per change of an event, with the time it was valid.
{{ change_history(
    feed='sporting_event',
    changes=ref('stg_dms__sporting_event'),
) }}
