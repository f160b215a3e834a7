{{ config(tags=['daily']) }}
-- Grain: one row per change of a patient, each accepted once.
{{ accepted_changes(
    feed='clinic_patients',
    delivered=ref('delivered_dms__clinic_patients'),
) }}
