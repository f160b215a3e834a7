{{ config(tags=['hourly']) }}
-- Grain: one row per record that AWS DMS delivered, with what became of it.
{{ delivered_changes(
    feed='mlb_data',
    landings=[
        {'relation': ref('copy_dms_mlb_data_load'), 'is_full_load': true},
        ref('copy_dms_mlb_data'),
    ],
) }}
