-- Grain: customer.
{{ hub(
    key='customer_hk',
    business_keys=['customer_id'],
    sources=[
        {'relation': ref('stg_proof__events')},
        {'relation': ref('stg_proof__others'), 'business_keys': ['client']},
    ],
) }}
