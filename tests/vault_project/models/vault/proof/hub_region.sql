-- Grain: customer and country, whose case does not count.
{{ hub(
    key='region_hk',
    business_keys=['customer_id', {'column': 'country', 'case': 'upper'}],
    sources=[
        {'relation': ref('stg_proof__events')},
        {'relation': ref('stg_proof__others'), 'business_keys': ['client', 'nation']},
    ],
) }}
