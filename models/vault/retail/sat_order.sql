-- Grain: one row per version of who placed an order, where and when.
{{ satellite(
    key='order_hk',
    business_keys=['order_id'],
    payload=['customer_id', 'store_name', 'ordered_at'],
    source=ref('stg_msk__orders'),
    timestamps=['ordered_at'],
    position=['kafka_partition', 'kafka_offset'],
) }}
