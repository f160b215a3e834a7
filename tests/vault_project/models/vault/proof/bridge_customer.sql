-- Grain: customer and snapshot.
{{ bridge(
    key='customer_hk',
    hub=ref('hub_customer'),
    steps=[
        {
            'relation': ref('sat_favourite'), 'key': 'favourite_hk', 'driving_key': 'customer_hk',
            'hub_keys': ['product_hk'], 'position': ['log_partition', 'log_offset'],
        },
        {
            'relation': ref('sat_origin'), 'key': 'origin_hk', 'driving_key': 'product_hk',
            'hub_keys': ['country_hk'], 'position': ['log_partition', 'log_offset'],
        },
    ],
    snapshots='ref_snapshots',
) }}
