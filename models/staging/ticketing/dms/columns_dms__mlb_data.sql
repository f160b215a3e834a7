{{ config(tags=['hourly']) }}
-- Grain: one row per column of the source, declared or not.
{{ schema_changes(
    feed='mlb_data',
    delivered=ref('delivered_dms__mlb_data'),
) }}
