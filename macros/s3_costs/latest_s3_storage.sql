{# SELECT of fct_s3_storage on the last day of each bucket with an inventory. #}
{% macro latest_s3_storage() -%}
select storage.*
from {{ ref('fct_s3_storage') }} as storage
inner join (
    select
        bucket_name,
        max(inventory_on) as inventory_on
    from {{ ref('fct_s3_storage') }}
    group by bucket_name
) as last_days
    on storage.bucket_name = last_days.bucket_name and storage.inventory_on = last_days.inventory_on
{%- endmacro %}


{#
    SELECT of what a kind of charge cost in each bucket's last month with one: bucket_name, prefix, the columns of `by`, currency,
    billing_period_starts_on and cost_amount. charge_kind: text. by: columns of fct_s3_cost_allocation.
#}
{% macro last_month_s3_costs(charge_kind, by) -%}
{%- set grain = ['bucket_name', 'prefix'] + by + ['currency', 'billing_period_starts_on'] -%}
select
    {%- for column in grain %}
    allocated.{{ column }},
    {%- endfor %}
    sum(allocated.cost_amount) as cost_amount
from {{ ref('fct_s3_cost_allocation') }} as allocated
inner join (
    select
        bucket_name,
        max(billing_period_starts_on) as billing_period_starts_on
    from {{ ref('agg_s3_charges') }}
    where charge_kind = '{{ charge_kind }}'
    group by bucket_name
) as months
    on allocated.bucket_name = months.bucket_name and allocated.billing_period_starts_on = months.billing_period_starts_on
where allocated.charge_kind = '{{ charge_kind }}'
group by {% for column in grain %}allocated.{{ column }}{{ ', ' if not loop.last }}{% endfor %}
{%- endmacro %}
