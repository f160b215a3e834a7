-- Grain: pair of customer numbers that stand for one customer.
{{ same_as_link(
    key='same_customer_hk',
    hub_key='customer_hk',
    master=['client'],
    duplicate=['nation'],
    sources=[ref('stg_proof__others')],
) }}
