-- Grain: one row per change of an encounter between there and deleted.
{{ status_tracking_satellite(
    key='encounter_hk',
    business_keys=['encounter_id'],
    source=ref('stg_dms__clinic_encounters'),
    position=['change_order'],
    version_key='encounter_status_id',
) }}
