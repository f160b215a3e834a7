-- Grain: one row per version of a customer's account in the CRM.
{{ satellite(
    key='customer_hk',
    business_keys=[{'column': 'account_number', 'collision_code': 'crm'}],
    payload=['account_name', 'account_type', 'annual_revenue', 'is_active'],
    source=ref('stg_appflow__accounts'),
    position=['change_order'],
    booleans=['is_active'],
) }}
