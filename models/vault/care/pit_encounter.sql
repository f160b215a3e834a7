-- Grain: one row per encounter and snapshot: which version of it was valid, and whether it was there.
{{ point_in_time(
    key='encounter_hk',
    hub=ref('hub_encounter'),
    satellites=[
        {'relation': ref('sat_encounter'), 'version_key': 'dim_patient_encounter_id', 'position': ['change_order']},
        {'relation': ref('sat_encounter_status'), 'version_key': 'encounter_status_id', 'position': ['change_order']},
    ],
    snapshots='ref_snapshots',
) }}
