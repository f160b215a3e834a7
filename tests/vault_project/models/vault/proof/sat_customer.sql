-- Grain: version of a customer's state.
{{ satellite(
    key='customer_hk',
    business_keys=['customer_id'],
    payload=['state', 'is_active', 'changed_at'],
    source=ref('stg_proof__events'),
    position=['log_partition', 'log_offset'],
    timestamps=['changed_at'],
    booleans=['is_active'],
    version_key='customer_version_key',
) }}
