-- Grain: one row per bucket and prefix: what noncurrent versions and delete markers are of its bytes on the last day with an inventory, and what they
-- cost of the last month's storage by that share.
with

latest as (

    {{ latest_s3_storage() | indent(4) }}

),

stored as (

    select
        bucket_name,
        prefix,
        sum(size_bytes) as size_bytes,
        sum(case when version_kind = 'noncurrent' then size_bytes else 0 end) as noncurrent_bytes,
        sum(case when version_kind = 'noncurrent' then objects else 0 end) as noncurrent_versions,
        sum(case when version_kind = 'delete marker' then objects else 0 end) as delete_markers
    from latest
    group by bucket_name, prefix

),

costs as (

    select
        bucket_name,
        prefix,
        currency,
        billing_period_starts_on,
        max(billing_period_starts_on) over () as last_period_starts_on,
        cast(sum(cost_amount) as {{ float_type() }}) as storage_cost
    from {{ ref('fct_s3_cost_allocation') }}
    where charge_kind = 'storage'
    group by bucket_name, prefix, currency, billing_period_starts_on

)

select
    stored.bucket_name,
    stored.prefix,
    stored.noncurrent_versions,
    stored.noncurrent_bytes,
    stored.delete_markers,
    costs.currency,
    costs.storage_cost * stored.noncurrent_bytes / nullif(stored.size_bytes, 0) as noncurrent_cost
from stored
left join costs
    on
        stored.bucket_name = costs.bucket_name
        and stored.prefix = costs.prefix
        and costs.billing_period_starts_on = costs.last_period_starts_on
where stored.noncurrent_versions > 0 or stored.delete_markers > 0
order by noncurrent_cost desc, stored.bucket_name asc, stored.prefix asc
