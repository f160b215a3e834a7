-- Grain: change between there and deleted.
{{ status_tracking_satellite(
    key='customer_hk',
    business_keys=['customer_id'],
    source=ref('stg_proof__events'),
    position=['log_partition', 'log_offset'],
    version_key='customer_status_key',
) }}
