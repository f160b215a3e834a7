-- Grain: version of what a country's code says.
{{ reference_satellite(
    codes=['country'],
    payload=['state'],
    source=ref('stg_proof__events'),
    position=['log_partition', 'log_offset'],
) }}
