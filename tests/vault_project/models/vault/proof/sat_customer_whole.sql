-- Grain: version of a customer's state, as sat_customer, with the amount of the record that began it.
{{ satellite(
    key='customer_hk',
    business_keys=['customer_id'],
    payload={'exclude': ['country', 'product_id', 'line_number']},
    source=ref('stg_proof__events'),
    position=['log_partition', 'log_offset'],
    extra_columns=['amount'],
) }}
