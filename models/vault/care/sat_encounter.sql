-- Grain: one row per version of an encounter; also the dimension of encounters, by dim_patient_encounter_id.
{{ satellite(
    key='encounter_hk',
    business_keys=['encounter_id'],
    payload=['encounter_kind', 'started_at', 'ended_at', 'heart_rate', 'glucose'],
    source=ref('stg_dms__clinic_encounters'),
    position=['change_order'],
    timestamps=['started_at', 'ended_at'],
    version_key='dim_patient_encounter_id',
) }}
