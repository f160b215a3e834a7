-- Grain: one row per customer ever named by an order event, a CRM account or an order of the shop database, and the zero key.
{{ hub(
    key='customer_hk',
    business_keys=['customer_id'],
    sources=[
        {'relation': ref('stg_msk__orders')},
        {'relation': ref('stg_appflow__accounts'), 'business_keys': [{'column': 'account_number', 'collision_code': 'crm'}]},
        {'relation': ref('stg_aurora__orders'), 'business_keys': [{'column': 'customer_id', 'collision_code': 'shop'}]},
    ],
) }}
