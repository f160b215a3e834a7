{{ config(tags=['hourly']) }}
-- Grain: one row per column of the source, declared or not.
{{ schema_changes(
    feed='sporting_event',
    delivered=ref('delivered_dms__sporting_event'),
) }}
