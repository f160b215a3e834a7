-- Grain: version of a customer's class, by the rule below.
{{ computed_satellite(
    key='customer_hk',
    satellite=ref('sat_customer'),
    inputs=['state', 'is_active'],
    computed={'is_first_class': "coalesce(state = 'A' and is_active, false)"},
    position=['log_partition', 'log_offset'],
    rule_version=var('class_rule', '1'),
    booleans=['is_first_class'],
) }}
