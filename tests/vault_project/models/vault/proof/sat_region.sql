-- Grain: version of a region's amount; the case of the country does not count.
{{ satellite(
    key='region_hk',
    business_keys=['customer_id', {'column': 'country', 'case': 'upper'}],
    payload=['amount'],
    source=ref('stg_proof__events'),
    position=['log_partition', 'log_offset'],
) }}
