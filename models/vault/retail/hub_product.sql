-- Grain: one row per product ever named by an order event, and the zero key.
{{ hub(
    key='product_hk',
    business_keys=['product_id'],
    sources=[{'relation': ref('stg_msk__orders')}],
) }}
