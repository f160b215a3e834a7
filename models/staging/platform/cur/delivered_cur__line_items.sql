{{ config(
    materialized='incremental',
    incremental_strategy='append',
    on_schema_change='append_new_columns',
    dist='even',
    sort='refresh_time',
    full_refresh=none if var('allow_full_refresh') else false,
    tags=['daily'],
) }}
-- Grain: one row per line of a Cost and Usage Report or a CUR 2.0 export that was delivered, with what became of it.
{%- set landings = [ref('copy_cur_line_items'), ref('copy_cur2_line_items')] %}
{%- set texts = {
    'line_item_id': 'identity_line_item_id', 'invoice_id': 'bill_invoice_id', 'payer_account_id': 'bill_payer_account_id',
    'usage_account_id': 'line_item_usage_account_id', 'line_item_type': 'line_item_line_item_type', 'product_code': 'line_item_product_code',
    'usage_type': 'line_item_usage_type', 'operation': 'line_item_operation', 'resource_id': 'line_item_resource_id',
    'line_item_description': 'line_item_line_item_description', 'usage_unit': 'pricing_unit', 'currency': 'line_item_currency_code',
    'reservation_arn': 'reservation_reservation_a_r_n', 'billing_period_text': 'bill_billing_period_start_date',
    'usage_start_text': 'line_item_usage_start_date', 'usage_end_text': 'line_item_usage_end_date',
    'usage_amount_text': 'line_item_usage_amount', 'unblended_cost_text': 'line_item_unblended_cost',
    'blended_cost_text': 'line_item_blended_cost', 'net_unblended_cost_text': 'line_item_net_unblended_cost',
} %}
{%- set amounts = {
    'reservation_cost': 'reservation_effective_cost', 'unused_fee': 'reservation_unused_amortized_upfront_fee_for_billing_period',
    'unused_recurring_fee': 'reservation_unused_recurring_fee', 'savings_plan_cost': 'savings_plan_savings_plan_effective_cost',
    'commitment': 'savings_plan_total_commitment_to_date', 'used_commitment': 'savings_plan_used_commitment',
} %}
with

texts as (
    {% for landing in landings %}
    select
        '{{ relation_name(landing) }}' as landing,
        {%- for name, column in texts.items() %}
        {{ clean_text('landed.' ~ column) }} as {{ name }},
        {%- endfor %}
        {% if not s3_owner_tag() -%}
        cast(null as {{ text_type(256) }}) as owner_tag,
        {%- elif relation_name(landing) == 'copy_cur2_line_items' -%}
        {{ owner_tag_of('landed') | indent(8) }} as owner_tag,
        {%- else -%}
        {{ clean_text('landed.' ~ s3_owner_tag()) | indent(8) }} as owner_tag,
        {%- endif %}
        {%- for name, column in amounts.items() %}
        {{ to_money(clean_text('landed.' ~ column)) | indent(8) }} as {{ name }},
        {%- endfor %}
        landed.invalid_record,
        coalesce(landed.landing_file, '') as landing_file,
        landed.refresh_time
    from {{ landing }} as landed
    where {{ is_new_change(landing, 'landed') | indent(4) }}
    {{ 'union all' if not loop.last }}
    {% endfor %}
),

-- what was paid ahead counts where it is used; what was not used of it counts in the month (the formula of AWS's cost dashboards)
fields as (

    select
        texts.*,
        {{ as_text("case
            when line_item_type = 'SavingsPlanCoveredUsage' then savings_plan_cost
            when line_item_type = 'SavingsPlanRecurringFee' then commitment - used_commitment
            when line_item_type in ('SavingsPlanNegation', 'SavingsPlanUpfrontFee') then 0
            when line_item_type = 'DiscountedUsage' then reservation_cost
            when line_item_type = 'RIFee' then unused_fee + unused_recurring_fee
            when line_item_type = 'Fee' and reservation_arn is not null then 0
            else " ~ to_money('unblended_cost_text') ~ "
        end") | indent(8) }} as amortised_cost_text
    from texts

),

{{ delivered_bill_lines(['unblended_cost', 'blended_cost', 'net_unblended_cost', 'amortised_cost']) }}
