-- Grain: one row per encounter, patient and provider ever named together. sat_patient_encounter says which of them holds.
{{ link(
    key='patient_encounter_hk',
    hubs={'encounter_hk': ['encounter_id'], 'patient_hk': ['patient_id'], 'provider_hk': ['provider_id']},
    sources=[ref('stg_dms__clinic_encounters')],
    operation='change_kind',
) }}
