{{ config(tags=['daily'], dist='even', sort='billing_period_starts_on') }}
-- Grain: one row per billing period, currency, bucket and prefix of any depth, with everything below it: 0 is the bucket, the parts without a prefix
-- stand under it as (unallocated). Rows of one depth are apart; those of two are not to be added up.
{%- set kinds = {
    'storage': "charge_kind in ('storage', 'small objects', 'monitoring', 'early deletion', 'unfinished uploads')",
    'requests': "charge_kind in ('requests', 'retrieval')", 'transfer': "charge_kind = 'data transfer'",
} %}
with

allocated as (

    select
        billing_period_starts_on,
        currency,
        bucket_name,
        coalesce(prefix, '(unallocated)') as prefix,
        charge_kind,
        cost_amount
    from {{ ref('fct_s3_cost_allocation') }}

),

places as (

    select
        allocated.*,
        0 as depth,
        '' as place
    from allocated
    {% for depth in range(1, s3_prefix_depth() + 1) %}
    union all

    select
        allocated.*,
        {{ depth }} as depth,
        {% if depth == 1 -%}
        coalesce(nullif({{ key_prefix('prefix', 1) }}, ''), prefix) as place
    from allocated
        {%- else -%}
        {{ key_prefix('prefix', depth) }} as place
    from allocated
    where length({{ key_prefix('prefix', depth) }}) > length({{ key_prefix('prefix', depth - 1) }})
        {%- endif %}
    {% endfor %}
)

select
    billing_period_starts_on,
    currency,
    bucket_name,
    cast(place as {{ text_type(1024) }}) as prefix,
    cast(depth as integer) as depth,
    {%- for name, condition in kinds.items() %}
    cast(sum(case when {{ condition }} then cost_amount else 0 end) as {{ money_type() }}) as {{ name }}_cost,
    {%- endfor %}
    cast(sum(cost_amount) as {{ money_type() }}) as cost_amount
from places
group by billing_period_starts_on, currency, bucket_name, place, depth
