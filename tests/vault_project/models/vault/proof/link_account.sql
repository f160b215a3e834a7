-- Grain: account and product ever named together; shop and crm count their accounts each for themselves.
{{ link(
    key='account_product_hk',
    hubs={'account_hk': ['customer_id'], 'product_hk': ['product_id']},
    sources=[
        {
            'relation': ref('stg_proof__events'), 'columns': {'customer_id': {'column': 'customer_id', 'collision_code': 'shop'}},
            'operation': 'change_kind',
        },
        {'relation': ref('stg_proof__others'), 'columns': {'customer_id': {'column': 'client', 'collision_code': 'crm'}}},
    ],
) }}
