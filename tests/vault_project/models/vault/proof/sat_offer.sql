-- Grain: turn of the product that a customer has in a country.
{{ effectivity_satellite(
    key='offer_hk',
    hubs={'customer_hk': ['customer_id'], 'country_hk': ['country'], 'product_hk': ['product_id']},
    driving_keys=['customer_hk', 'country_hk'],
    source=ref('stg_proof__events'),
    position=['log_partition', 'log_offset'],
    operation='change_kind',
) }}
