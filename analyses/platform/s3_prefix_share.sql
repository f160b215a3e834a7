-- Grain: one row: what of a bucket's storage a prefix was on a day, and what of its cost. The figure of AWS's post on Athena, the Cost and Usage Report
-- and S3 Inventory, over all storage classes at once as there; fct_s3_cost_allocation splits each class by its own bytes. remark says what there is none
-- of: a bucket that nobody knows has a row too.
{%- set bucket = var('s3_share_bucket', 'sales-lake') %}
{%- set prefix = var('s3_share_prefix', 'raw/') %}
{%- set day = var('s3_share_day', '2024-03-01') %}
with

cost as (

    select
        count(*) as charges,
        sum(case when usage_on = cast({{ sql_literal(day) }} as date) and operation = 'StandardStorage' and component = 'usage' then cost_amount end) as total_cost
    from {{ ref('agg_s3_charges') }}
    where bucket_name = {{ sql_literal(bucket) }}

),

stored as (

    select
        count(*) as listed,
        sum(case when inventory_on = cast({{ sql_literal(day) }} as date) and version_kind = 'current' then size_bytes end) as total_bytes,
        sum(case
            when
                inventory_on = cast({{ sql_literal(day) }} as date)
                and version_kind = 'current'
                and substring(prefix, 1, {{ prefix | length }}) = {{ sql_literal(prefix) }}
                then size_bytes
            else 0
        end) as prefix_bytes
    from {{ ref('fct_s3_storage') }}
    where bucket_name = {{ sql_literal(bucket) }}

)

select
    cast({{ sql_literal(day) }} as date) as usage_on,
    cast(stored.prefix_bytes as {{ float_type() }}) / nullif(stored.total_bytes, 0) * 100 as percent_used,
    cost.total_cost,
    cast(cost.total_cost as {{ float_type() }}) * stored.prefix_bytes / nullif(stored.total_bytes, 0) as prefix_cost,
    case
        when cost.charges = 0 and stored.listed = 0 then 'no bill and no inventory knows the bucket'
        when stored.listed = 0 then 'the bucket has no inventory'
        when cost.charges = 0 then 'no bill has the bucket'
        when stored.total_bytes is null then 'there is no inventory of the day'
        when cost.total_cost is null then 'there is no charge for storage on the day'
        when stored.prefix_bytes = 0 then 'nothing was stored under the prefix'
    end as remark
from stored
cross join cost
