-- Grain: customer and snapshot.
{{ point_in_time(
    key='customer_hk',
    hub=ref('hub_customer'),
    satellites=[
        {'relation': ref('sat_customer'), 'version_key': 'customer_version_key', 'position': ['log_partition', 'log_offset']},
        {'relation': ref('sat_customer_status'), 'version_key': 'customer_status_key', 'position': ['log_partition', 'log_offset']},
    ],
    snapshots='ref_snapshots',
) }}
