-- Grain: one row per encounter and snapshot: its patient and provider then.
{{ bridge(
    key='encounter_hk',
    hub=ref('hub_encounter'),
    steps=[
        {
            'relation': ref('sat_patient_encounter'),
            'key': 'patient_encounter_hk',
            'driving_key': 'encounter_hk',
            'hub_keys': ['patient_hk', 'provider_hk'],
            'position': ['change_order'],
        },
    ],
    snapshots='ref_snapshots',
) }}
