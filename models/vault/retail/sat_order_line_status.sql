-- Grain: one row per version of an order line's status.
{{ satellite(
    key='order_line_hk',
    business_keys=['order_id', 'product_id'],
    payload=['order_status'],
    source=ref('stg_msk__orders'),
    position=['kafka_partition', 'kafka_offset'],
) }}
