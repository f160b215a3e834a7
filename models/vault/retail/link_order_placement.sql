-- Grain: one row per order, customer and store ever named together. Which one holds is in sat_order.
{{ link(
    key='order_placement_hk',
    hubs={'order_hk': ['order_id'], 'customer_hk': ['customer_id'], 'store_hk': ['store_name']},
    sources=[ref('stg_msk__orders')],
) }}
