-- Grain: one row: what of a bucket's storage a prefix was on a day, and what of its cost. The figure of AWS's post on Athena, the Cost and Usage Report
-- and S3 Inventory, over all storage classes at once as there; fct_s3_cost_allocation splits each class by its own bytes.
{%- set bucket = var('s3_share_bucket', 'sales-lake') %}
{%- set prefix = var('s3_share_prefix', 'raw/') %}
{%- set day = var('s3_share_day', '2024-03-01') %}
with

cost as (

    select
        usage_on,
        sum(cost_amount) as total_cost
    from {{ ref('agg_s3_charges') }}
    where
        bucket_name = {{ sql_literal(bucket) }}
        and operation = 'StandardStorage'
        and component = 'usage'
        and usage_on = cast({{ sql_literal(day) }} as date)
    group by usage_on

),

stored as (

    select
        inventory_on,
        sum(case when version_kind = 'current' then size_bytes else 0 end) as total_bytes,
        sum(case
            when version_kind = 'current' and substring(prefix, 1, {{ prefix | length }}) = {{ sql_literal(prefix) }} then size_bytes
            else 0
        end) as prefix_bytes
    from {{ ref('fct_s3_storage') }}
    where bucket_name = {{ sql_literal(bucket) }} and inventory_on = cast({{ sql_literal(day) }} as date)
    group by inventory_on

)

select
    cast({{ sql_literal(day) }} as date) as usage_on,
    cast(stored.prefix_bytes as {{ float_type() }}) / nullif(stored.total_bytes, 0) * 100 as percent_used,
    cost.total_cost,
    cast(cost.total_cost as {{ float_type() }}) * stored.prefix_bytes / nullif(stored.total_bytes, 0) as prefix_cost
from stored
full outer join cost
    on stored.inventory_on = cost.usage_on
