-- Grain: one row per version of a policy.
{{ satellite(
    key='policy_hk',
    business_keys=['policy_id'],
    payload=[
        'expiry_date', 'location_name', 'state_code', 'region_name', 'insured_value',
        'business_type', 'earthquake_coverage', 'flood_coverage',
    ],
    source=ref('stg_dms__policies'),
    position=['change_order'],
    booleans=['earthquake_coverage', 'flood_coverage'],
) }}
