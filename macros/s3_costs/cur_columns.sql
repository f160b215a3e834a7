{#
    Columns of a Cost and Usage Report and of a CUR 2.0 export that are landed, with their types: both have these under one name. With them the column of
    the variable s3_owner_tag, where one is named.
#}
{% macro cur_columns() %}
    {%- set columns = {
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
    } -%}
    {%- if s3_owner_tag() -%}{%- do columns.update({s3_owner_tag(): 'varchar'}) -%}{%- endif -%}
    {{ return(columns) }}
{% endmacro %}


{# The variable s3_owner_tag: column of the bill with a cost allocation tag that says whose a bucket is; '' for none. Stops for what is no column. #}
{% macro s3_owner_tag() %}
    {%- set column = var('s3_owner_tag', '') or '' -%}
    {%- if column and not modules.re.match('^[a-z][a-z0-9_]*$', column) -%}
        {{ exceptions.raise_compiler_error(
            "millrace: the variable s3_owner_tag is '" ~ column ~ "'. It should be the column of the bill as Parquet has it, in small letters, for example "
            ~ "resource_tags_user_team."
        ) }}
    {%- endif -%}
    {{ return(column) }}
{% endmacro %}
