{# The proof's dimension of one type over the customer's satellites. #}
{% macro dim_customer_of_type(type, version_key=none) %}
    {{- config(contract={'enforced': false}) -}}
    {{- slowly_changing_dimension(
        type=type,
        key='customer_hk',
        version_key=version_key,
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
    ) -}}
{%- endmacro %}
