-- Grain: one row per version of an order line's quantity and price.
{{ satellite(
    key='order_line_hk',
    business_keys=['order_id', 'product_id'],
    payload=['quantity', 'unit_price'],
    source=ref('stg_msk__orders'),
    position=['kafka_partition', 'kafka_offset'],
) }}
