-- Grain: one row per order and product ever ordered together.
{{ link(
    key='order_line_hk',
    hubs={'order_hk': ['order_id'], 'product_hk': ['product_id']},
    sources=[ref('stg_msk__orders')],
) }}
