-- Grain: turn of the relationship of a customer and the product that holds for now.
{{ effectivity_satellite(
    key='favourite_hk',
    hubs={'customer_hk': ['customer_id'], 'product_hk': ['product_id']},
    driving_keys=['customer_hk'],
    source=ref('stg_proof__events'),
    position=['log_partition', 'log_offset'],
    operation='change_kind',
) }}
