-- Grain: one row per patient ever named, by the patients' table or by an encounter, and the zero key.
{{ hub(
    key='patient_hk',
    business_keys=['patient_id'],
    sources=[{'relation': ref('stg_dms__clinic_patients')}, {'relation': ref('stg_dms__clinic_encounters')}],
) }}
