-- Grain: one row per turn of an encounter's patient and provider: from when on they were the encounter's, or no longer were.
{{ effectivity_satellite(
    key='patient_encounter_hk',
    hubs={'encounter_hk': ['encounter_id'], 'patient_hk': ['patient_id'], 'provider_hk': ['provider_id']},
    driving_keys=['encounter_hk'],
    source=ref('stg_dms__clinic_encounters'),
    position=['change_order'],
    operation='change_kind',
) }}
