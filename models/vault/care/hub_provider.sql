-- Grain: one row per provider ever named, by the providers' table or by an encounter, and the zero key.
{{ hub(
    key='provider_hk',
    business_keys=['provider_id'],
    sources=[{'relation': ref('stg_dms__clinic_providers')}, {'relation': ref('stg_dms__clinic_encounters')}],
) }}
