-- Grain: turn of the relationship of a product and its country.
{{ effectivity_satellite(
    key='origin_hk',
    hubs={'product_hk': ['product_id'], 'country_hk': ['country']},
    driving_keys=['product_hk'],
    source=ref('stg_proof__events'),
    position=['log_partition', 'log_offset'],
) }}
