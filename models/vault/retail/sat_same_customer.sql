-- Grain: one row per change of a pair of identifiers between being one customer and not.
{{ status_tracking_satellite(
    key='same_customer_hk',
    business_keys=['master_customer_id', 'duplicate_customer_id'],
    source=ref('stg_stewards__customer_matches'),
    position=['statement_number'],
    operation='statement',
    deletes=['different'],
) }}
