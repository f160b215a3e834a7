{{ config(tags=['hourly']) }}
-- Grain: one row per change of an event, each accepted once.
{{ accepted_changes(
    feed='sporting_event',
    delivered=ref('delivered_dms__sporting_event'),
) }}
