-- Grain: one row per bucket and prefix, the dearest of the last month first, at the depth of the variable s3_report_depth.
with

costs as (

    select
        prefix_costs.*,
        max(billing_period_starts_on) over () as last_period_starts_on
    from {{ ref('agg_s3_prefix_costs') }} as prefix_costs
    where depth = {{ var('s3_report_depth', 2) }}

)

select
    billing_period_starts_on,
    currency,
    bucket_name,
    prefix,
    storage_cost,
    requests_cost,
    transfer_cost,
    cost_amount
from costs
where billing_period_starts_on = last_period_starts_on
order by cost_amount desc, bucket_name asc, prefix asc
limit 50
