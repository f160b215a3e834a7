{{ config(tags=['hourly']) }}
-- Grain: one row per record that AWS DMS delivered, with what became of it.
{{ delivered_changes(
    feed='object',
    landings=[ref('copy_dms_object')],
) }}
