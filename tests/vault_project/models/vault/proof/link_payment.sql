-- Grain: payment.
{{ transactional_link(
    key='payment_hk',
    hubs={'customer_hk': ['customer_id'], 'product_hk': ['product_id']},
    transaction_keys=['log_offset'],
    payload=['amount', 'is_active', 'changed_at'],
    source=ref('stg_proof__events'),
) }}
