-- Grain: one row per pair of identifiers ever stated to be one customer. Whether that still holds is in sat_same_customer.
{{ same_as_link(
    key='same_customer_hk',
    hub_key='customer_hk',
    master=['master_customer_id'],
    duplicate=['duplicate_customer_id'],
    sources=[ref('stg_stewards__customer_matches')],
) }}
