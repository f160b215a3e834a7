-- Grain: one row per version of a customer's name.
{{ satellite(
    key='customer_hk',
    business_keys=['customer_id'],
    payload=['customer_name'],
    source=ref('stg_msk__orders'),
    position=['kafka_partition', 'kafka_offset'],
) }}
