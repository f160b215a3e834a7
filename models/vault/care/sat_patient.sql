-- Grain: one row per version of a patient; also the dimension of patients, by dim_patient_id.
{{ satellite(
    key='patient_hk',
    business_keys=['patient_id'],
    payload=['full_name', 'born_on', 'postal_code', 'blood_group'],
    source=ref('stg_dms__clinic_patients'),
    position=['change_order'],
    version_key='dim_patient_id',
) }}
