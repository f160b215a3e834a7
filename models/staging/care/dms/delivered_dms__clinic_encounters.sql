{{ config(tags=['daily']) }}
-- Grain: one row per record that AWS DMS delivered, with what became of it.
{{ delivered_changes(
    feed='clinic_encounters',
    landings=[ref('copy_dms_clinic_encounters')],
) }}
