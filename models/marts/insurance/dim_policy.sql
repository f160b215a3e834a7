-- Grain: one row per version of a policy; each moment has one. Unknown and not applicable members included.
{{ slowly_changing_dimension(
    type=2,
    key='policy_hk',
    version_key='policy_version_key',
    hub=ref('hub_policy'),
    business_keys=['policy_id'],
    satellites=[
        {
            'relation': ref('sat_policy'),
            'payload': [
                'expiry_date', 'location_name', 'state_code', 'region_name',
                'insured_value', 'business_type', 'earthquake_coverage', 'flood_coverage',
            ],
            'position': ['change_order'],
        },
        {'relation': ref('sat_policy_status'), 'payload': ['is_deleted'], 'position': ['change_order']},
    ],
) }}
