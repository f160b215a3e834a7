{# Columns of a Cost and Usage Report and of a CUR 2.0 export that are landed, with their types: both have these under one name. #}
{% macro cur_columns() %}
    {{ return({
        'identity_line_item_id': 'varchar', 'bill_invoice_id': 'varchar', 'bill_payer_account_id': 'varchar',
        'bill_billing_period_start_date': 'timestamp', 'line_item_usage_account_id': 'varchar', 'line_item_line_item_type': 'varchar',
        'line_item_usage_start_date': 'timestamp', 'line_item_usage_end_date': 'timestamp', 'line_item_product_code': 'varchar',
        'line_item_usage_type': 'varchar', 'line_item_operation': 'varchar', 'line_item_resource_id': 'varchar',
        'line_item_usage_amount': 'double precision', 'line_item_currency_code': 'varchar',
        'line_item_unblended_cost': 'double precision', 'line_item_blended_cost': 'double precision',
        'line_item_net_unblended_cost': 'double precision', 'line_item_line_item_description': 'varchar', 'pricing_unit': 'varchar',
        'reservation_reservation_a_r_n': 'varchar', 'reservation_effective_cost': 'double precision',
        'reservation_unused_amortized_upfront_fee_for_billing_period': 'double precision',
        'reservation_unused_recurring_fee': 'double precision', 'savings_plan_savings_plan_effective_cost': 'double precision',
        'savings_plan_total_commitment_to_date': 'double precision', 'savings_plan_used_commitment': 'double precision',
    }) }}
{% endmacro %}
