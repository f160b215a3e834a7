-- Grain: one row per bucket with access logs, prefix and currency: what it holds on the last day with an inventory, what it cost in the last month, and
-- when an object of it was asked for last. The oldest first; no request in all logs that have landed comes before that.
with

latest as (

    {{ latest_s3_storage() | indent(4) }}

),

stored as (

    select
        bucket_name,
        prefix,
        sum(objects) as objects,
        cast(sum(size_bytes) as {{ float_type() }}) / 1073741824 as gigabytes
    from latest
    where version_kind <> 'delete marker'
    group by bucket_name, prefix

),

logged_buckets as (

    select
        bucket_name,
        min(requested_on) as first_logged_on,
        max(requested_on) as last_logged_on
    from {{ ref('fct_s3_requests') }}
    group by bucket_name

),

asked as (

    select
        bucket_name,
        prefix,
        max(requested_on) as last_requested_on
    from {{ ref('fct_s3_requests') }}
    where billed_operation in ('GetObject', 'HeadObject', 'SelectObjectContent')
    group by bucket_name, prefix

),

costs as (

    select
        bucket_name,
        prefix,
        currency,
        billing_period_starts_on,
        max(billing_period_starts_on) over (partition by bucket_name) as last_period_starts_on,
        sum(cost_amount) as cost_amount
    from {{ ref('fct_s3_cost_allocation') }}
    group by bucket_name, prefix, currency, billing_period_starts_on

)

select
    stored.bucket_name,
    stored.prefix,
    stored.objects,
    stored.gigabytes,
    asked.last_requested_on,
    {{ elapsed_days('coalesce(asked.last_requested_on, logged_buckets.first_logged_on)', 'logged_buckets.last_logged_on') }} as days_without_request,
    logged_buckets.first_logged_on,
    costs.currency,
    costs.cost_amount
from stored
inner join logged_buckets
    on stored.bucket_name = logged_buckets.bucket_name
left join asked
    on stored.bucket_name = asked.bucket_name and stored.prefix = asked.prefix
left join costs
    on
        stored.bucket_name = costs.bucket_name
        and stored.prefix = costs.prefix
        and costs.billing_period_starts_on = costs.last_period_starts_on
order by
    case when asked.last_requested_on is null then 0 else 1 end asc,
    asked.last_requested_on asc,
    costs.cost_amount desc,
    stored.bucket_name asc,
    stored.prefix asc
