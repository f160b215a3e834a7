-- Grain: version of what a customer's and a country's codes say.
{{ reference_satellite(
    codes=['customer_id', 'country'],
    payload=['state'],
    source=ref('stg_proof__events'),
    position=['log_partition', 'log_offset'],
) }}
