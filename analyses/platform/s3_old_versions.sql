-- Grain: one row per bucket, prefix, storage class and access tier: what noncurrent versions and delete markers are on the last day with an inventory, and
-- what they cost of the last month's storage of that class, by their share of what it is charged for. Names of archived versions and keys of delete
-- markers are charged in STANDARD, and stand there.
with

latest as (

    {{ latest_s3_storage() | indent(4) }}

),

old_versions as (

    select
        bucket_name,
        inventory_on,
        prefix,
        storage_class,
        access_tier,
        objects as noncurrent_versions,
        size_bytes as noncurrent_bytes,
        0 as delete_markers,
        size_bytes + case when {{ is_archived('storage_class', 'access_tier') }} then 32768 * objects else 0 end as charged_bytes
    from latest
    where version_kind = 'noncurrent'

    union all

    select
        bucket_name,
        inventory_on,
        prefix,
        'STANDARD' as storage_class,
        '' as access_tier,
        0 as noncurrent_versions,
        0 as noncurrent_bytes,
        case when version_kind = 'delete marker' then objects else 0 end as delete_markers,
        marker_bytes + case when {{ is_archived('storage_class', 'access_tier') }} then 8192 * objects else 0 end as charged_bytes
    from latest
    where version_kind = 'delete marker' or (version_kind = 'noncurrent' and {{ is_archived('storage_class', 'access_tier') }})

),

summed as (

    select
        bucket_name,
        inventory_on,
        prefix,
        storage_class,
        access_tier,
        sum(noncurrent_versions) as noncurrent_versions,
        sum(noncurrent_bytes) as noncurrent_bytes,
        sum(delete_markers) as delete_markers,
        sum(charged_bytes) as charged_bytes
    from old_versions
    group by bucket_name, inventory_on, prefix, storage_class, access_tier

),

costs as (

    {{ last_month_s3_costs('storage', ['storage_class', 'access_tier']) | indent(4) }}

)

select
    summed.bucket_name,
    summed.prefix,
    summed.storage_class,
    summed.access_tier,
    summed.noncurrent_versions,
    summed.noncurrent_bytes,
    summed.delete_markers,
    costs.billing_period_starts_on,
    costs.currency,
    cast(round(
        cast(cast(costs.cost_amount as {{ float_type() }}) * summed.charged_bytes / weights.weight as {{ money_type() }}), 12
    ) as {{ money_type() }}) as old_versions_cost
from summed
left join {{ ref('agg_s3_prefix_weights') }} as weights
    on
        summed.bucket_name = weights.bucket_name
        and summed.inventory_on = weights.inventory_on
        and summed.prefix = weights.prefix
        and summed.storage_class = weights.storage_class
        and summed.access_tier = weights.access_tier
        and weights.driver = 'stored bytes'
left join costs
    on
        summed.bucket_name = costs.bucket_name
        and summed.prefix = costs.prefix
        and summed.storage_class = costs.storage_class
        and summed.access_tier = costs.access_tier
order by old_versions_cost desc, summed.bucket_name asc, summed.prefix asc, summed.storage_class asc, summed.access_tier asc
