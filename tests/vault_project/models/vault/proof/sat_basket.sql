-- Grain: statement or delete of a product in a customer's basket, which is stated as a whole.
{{ effectivity_satellite(
    key='basket_hk',
    hubs={'customer_hk': ['customer_id'], 'product_hk': ['product_id']},
    driving_keys=['customer_hk'],
    source=ref('stg_proof__events'),
    position=['log_partition', 'log_offset'],
    operation='change_kind',
    relationships='as a set',
) }}
