{{ config(tags=['hourly']) }}
-- Grain: one row per record that AWS DMS delivered, with what became of it.
{{ delivered_changes(
    feed='sporting_event',
    landings=[
        {'relation': ref('copy_dms_sporting_event_load'), 'is_full_load': true},
        ref('copy_dms_sporting_event'),
    ],
) }}
