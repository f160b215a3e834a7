-- Grain: version of a customer's set of phones, and phone.
{{ multi_active_satellite(
    key='customer_hk',
    business_keys=['customer_id'],
    active_keys=['phone'],
    payload=['phone_kind'],
    source=ref('stg_proof__sets'),
    position=['log_partition', 'log_offset'],
) }}
