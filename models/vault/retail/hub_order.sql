-- Grain: one row per order ever named by an order event, and the zero key.
{{ hub(
    key='order_hk',
    business_keys=['order_id'],
    sources=[{'relation': ref('stg_msk__orders')}],
) }}
