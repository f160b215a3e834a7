-- Grain: one row per encounter ever named, and the zero key.
{{ hub(
    key='encounter_hk',
    business_keys=['encounter_id'],
    sources=[{'relation': ref('stg_dms__clinic_encounters')}],
) }}
