{{ config(tags=['daily']) }}
-- Grain: one row per change of an encounter, each accepted once.
{{ accepted_changes(
    feed='clinic_encounters',
    delivered=ref('delivered_dms__clinic_encounters'),
) }}
