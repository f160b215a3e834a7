-- Grain: one row per store ever named by an order event, and the zero key.
{{ hub(
    key='store_hk',
    business_keys=['store_name'],
    sources=[{'relation': ref('stg_msk__orders')}],
) }}
