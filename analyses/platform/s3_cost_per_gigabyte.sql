-- Grain: one row per billing period, currency, bucket and prefix with bytes on a day of its lists: all that it cost, the GB it held on average over the
-- days with an inventory in the month, and the cost of one.
with

stored as (

    select
        daily.bucket_name,
        daily.prefix,
        daily.month_starts_on,
        sum(daily.size_bytes) as byte_days,
        max(days.inventory_days) as inventory_days
    from (
        select
            bucket_name,
            prefix,
            {{ month_of('inventory_on') }} as month_starts_on,
            cast(sum(size_bytes) as {{ float_type() }}) as size_bytes
        from {{ ref('fct_s3_storage') }}
        group by bucket_name, prefix, {{ month_of('inventory_on') }}
    ) as daily
    inner join (
        select
            bucket_name,
            {{ month_of('inventory_on') }} as month_starts_on,
            count(distinct inventory_on) as inventory_days
        from {{ ref('fct_s3_storage') }}
        group by bucket_name, {{ month_of('inventory_on') }}
    ) as days
        on daily.bucket_name = days.bucket_name and daily.month_starts_on = days.month_starts_on
    group by daily.bucket_name, daily.prefix, daily.month_starts_on

),

costs as (

    select
        billing_period_starts_on,
        currency,
        bucket_name,
        prefix,
        sum(cost_amount) as cost_amount
    from {{ ref('fct_s3_cost_allocation') }}
    where prefix is not null
    group by billing_period_starts_on, currency, bucket_name, prefix

)

select
    costs.billing_period_starts_on,
    costs.currency,
    costs.bucket_name,
    costs.prefix,
    costs.cost_amount,
    stored.byte_days / stored.inventory_days / 1073741824 as gigabytes,
    cast(costs.cost_amount as {{ float_type() }}) / nullif(stored.byte_days / stored.inventory_days / 1073741824, 0) as cost_per_gigabyte
from costs
inner join stored
    on
        costs.bucket_name = stored.bucket_name
        and costs.prefix = stored.prefix
        and costs.billing_period_starts_on = stored.month_starts_on
order by costs.billing_period_starts_on asc, costs.currency asc, cost_per_gigabyte desc, costs.bucket_name asc, costs.prefix asc
