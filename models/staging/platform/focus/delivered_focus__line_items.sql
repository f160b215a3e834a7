{{ config(
    materialized='incremental',
    incremental_strategy='append',
    on_schema_change='append_new_columns',
    dist='even',
    sort='refresh_time',
    full_refresh=none if var('allow_full_refresh') else false,
    tags=['daily'],
) }}
-- Grain: one row per line of a FOCUS export that was delivered, of any provider, with what became of it.
{%- set landing = ref('copy_focus_line_items') %}
{%- set texts = {
    'invoice_id': 'invoiceid', 'payer_account_id': 'billingaccountid', 'usage_account_id': 'subaccountid', 'line_item_type': 'chargecategory',
    'provider_name': 'providername', 'service_name': 'servicename', 'service_code': 'x_servicecode', 'usage_type': 'x_usagetype',
    'operation': 'x_operation', 'resource_id': 'resourceid', 'line_item_description': 'chargedescription', 'usage_unit': 'consumedunit',
    'currency': 'billingcurrency', 'billing_period_text': 'billingperiodstart', 'usage_start_text': 'chargeperiodstart',
    'usage_end_text': 'chargeperiodend', 'usage_amount_text': 'consumedquantity', 'unblended_cost_text': 'billedcost',
    'amortised_cost_text': 'effectivecost',
} %}
with

-- exports write the word NULL where there is nothing
texts as (

    select
        '{{ relation_name(landing) }}' as landing,
        {%- for name, column in texts.items() %}
        nullif({{ clean_text('landed.' ~ column) }}, 'NULL') as {{ name }},
        {%- endfor %}
        landed.invalid_record,
        coalesce(landed.landing_file, '') as landing_file,
        landed.refresh_time
    from {{ landing }} as landed
    where {{ is_new_change(landing, 'landed') | indent(4) }}

),

-- lines have no identifier; what is billed is billed after discounts
fields as (

    select
        texts.*,
        cast(null as {{ text_type(128) }}) as line_item_id,
        cast(null as {{ text_type(256) }}) as owner_tag,
        cast(null as {{ text_type(64) }}) as blended_cost_text,
        cast(null as {{ text_type(64) }}) as net_unblended_cost_text,
        case
            when service_code is not null then service_code
            when service_name = 'Amazon Simple Storage Service' then 'AmazonS3'
            else provider_name || ': ' || service_name
        end as product_code
    from texts

),

{{ delivered_bill_lines(['unblended_cost', 'blended_cost', 'net_unblended_cost', 'amortised_cost']) }}
