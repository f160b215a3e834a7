-- Grain: customer, source, day, satellite and payload.
{{ record_tracking_satellite(
    key='customer_hk',
    business_keys=['customer_id'],
    sources=[
        {
            'relation': ref('stg_proof__events'),
            'satellites': {'sat_customer': ['state', 'is_active', 'changed_at'], 'sat_region': ['amount']},
            'timestamps': ['changed_at'],
            'booleans': ['is_active'],
        },
        {'relation': ref('stg_proof__others'), 'business_keys': ['client'], 'satellites': {'sat_origin': ['nation']}},
    ],
) }}
