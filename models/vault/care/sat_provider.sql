-- Grain: one row per version of a provider; also the dimension of providers, by dim_provider_id.
{{ satellite(
    key='provider_hk',
    business_keys=['provider_id'],
    payload=['provider_name', 'specialty', 'department'],
    source=ref('stg_dms__clinic_providers'),
    position=['change_order'],
    version_key='dim_provider_id',
) }}
