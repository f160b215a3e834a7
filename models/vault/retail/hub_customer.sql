-- Grain: one row per customer ever named by an order event, and the zero key.
{{ hub(
    key='customer_hk',
    business_keys=['customer_id'],
    sources=[{'relation': ref('stg_msk__orders')}],
) }}
