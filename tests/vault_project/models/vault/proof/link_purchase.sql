-- Grain: customer, product and line number ever named together.
{{ link(
    key='purchase_hk',
    hubs={'customer_hk': ['customer_id'], 'product_hk': ['product_id']},
    child_keys=['line_number'],
    sources=[
        ref('stg_proof__events'),
        {'relation': ref('stg_proof__others'), 'columns': {'customer_id': 'client'}},
    ],
) }}
