{{ config(contract={'enforced': false}) }}
{{ slowly_changing_dimension(
    type=1,
    key='customer_hk',
    hub=ref('hub_customer'),
    business_keys=['customer_id'],
    satellites=[
        {
            'relation': ref('sat_customer'), 'payload': ['state', 'is_active'], 'booleans': ['is_active'],
            'position': ['log_partition', 'log_offset'],
        },
        {
            'relation': ref('sat_customer_status'), 'payload': ['is_deleted'], 'booleans': ['is_deleted'],
            'position': ['log_partition', 'log_offset'],
        },
    ],
) }}
