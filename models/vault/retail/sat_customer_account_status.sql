-- Grain: one row per change of a customer's account in the CRM between there and deleted.
{{ status_tracking_satellite(
    key='customer_hk',
    business_keys=[{'column': 'account_number', 'collision_code': 'crm'}],
    source=ref('stg_appflow__accounts'),
    position=['change_order'],
) }}
