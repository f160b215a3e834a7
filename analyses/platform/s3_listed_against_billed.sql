-- Grain: one row per bucket, storage class, access tier, currency and day of a charge for storage: GB-months of the lists against those of the bill, what
-- the difference costs at the day's rate, and where it comes from. Charges of several days count on their first one, with the bytes of all.
with

billed as (

    select
        bucket_name,
        storage_class,
        access_tier,
        currency,
        billing_period_starts_on,
        usage_on,
        max(used_until_on) as used_until_on,
        sum(usage_amount) as billed_gigabyte_months,
        sum(cost_amount) as cost_amount
    from {{ ref('agg_s3_charges') }}
    where component = 'usage' and charge_kind = 'storage' and bucket_name <> ''
    group by bucket_name, storage_class, access_tier, currency, billing_period_starts_on, usage_on

),

month_lengths as (

    select
        billing_period_starts_on,
        {{ elapsed_days('billing_period_starts_on', 'next_period_starts_on') }} as month_days
    from (
        select
            {{ month_of('date_on') }} as billing_period_starts_on,
            {{ add_days('max(date_on)', 1) }} as next_period_starts_on
        from {{ ref('dim_date') }}
        group by {{ month_of('date_on') }}
    ) as months

),

bucket_weights as (

    select
        bucket_name,
        inventory_on,
        storage_class,
        access_tier,
        cast(sum(weight) as {{ float_type() }}) as weight
    from {{ ref('agg_s3_prefix_weights') }}
    where driver = 'stored bytes'
    group by bucket_name, inventory_on, storage_class, access_tier

),

coverage as (

    select
        bucket_name,
        inventory_on,
        max(case when covered_prefix = '' then 1 else 0 end) as covers_all,
        max(case when lists_versions then 1 else 0 end) as lists_versions,
        min(covered_prefix) as first_covered_prefix,
        max(covered_prefix) as last_covered_prefix
    from {{ ref('agg_s3_inventory_lists') }}
    group by bucket_name, inventory_on

),

listed as (

    select
        billed.bucket_name,
        billed.storage_class,
        billed.access_tier,
        billed.currency,
        billed.usage_on,
        max(inventories.filled_days) as filled_days,
        min(coverage.covers_all) as covers_all,
        min(coverage.lists_versions) as lists_versions,
        min(coverage.first_covered_prefix) as first_covered_prefix,
        max(coverage.last_covered_prefix) as last_covered_prefix,
        sum(coalesce(bucket_weights.weight, 0)) * 24 as listed_byte_hours
    from billed
    inner join {{ ref('agg_s3_inventory_days') }} as inventories
        on billed.bucket_name = inventories.bucket_name and inventories.charged_on between billed.usage_on and billed.used_until_on
    inner join coverage
        on inventories.bucket_name = coverage.bucket_name and inventories.inventory_on = coverage.inventory_on
    left join bucket_weights
        on
            inventories.bucket_name = bucket_weights.bucket_name
            and inventories.inventory_on = bucket_weights.inventory_on
            and billed.storage_class = bucket_weights.storage_class
            and billed.access_tier = bucket_weights.access_tier
    group by billed.bucket_name, billed.storage_class, billed.access_tier, billed.currency, billed.usage_on

),

compared as (

    select
        billed.*,
        listed.filled_days,
        listed.covers_all,
        listed.lists_versions,
        listed.first_covered_prefix,
        listed.last_covered_prefix,
        case when listed.bucket_name is null then 0 else 1 end as has_inventory,
        coalesce({{ gigabyte_months('listed.listed_byte_hours', 'month_lengths.month_days') }}, 0) as listed_gigabyte_months
    from billed
    inner join month_lengths
        on billed.billing_period_starts_on = month_lengths.billing_period_starts_on
    left join listed
        on
            billed.bucket_name = listed.bucket_name
            and billed.storage_class = listed.storage_class
            and billed.access_tier = listed.access_tier
            and billed.currency = listed.currency
            and billed.usage_on = listed.usage_on

)

select
    bucket_name,
    storage_class,
    access_tier,
    currency,
    usage_on,
    billed_gigabyte_months,
    listed_gigabyte_months,
    billed_gigabyte_months - listed_gigabyte_months as difference_gigabyte_months,
    cast(cost_amount as {{ float_type() }}) * (billed_gigabyte_months - listed_gigabyte_months) / nullif(billed_gigabyte_months, 0) as difference_cost,
    case
        when has_inventory = 0 then 'the bucket has no inventory'
        when abs(billed_gigabyte_months - listed_gigabyte_months) <= 0.01 * billed_gigabyte_months then 'none to speak of'
        when filled_days > 0 then 'the list is of another day, ' || cast(filled_days as {{ text_type(16) }}) || ' off'
        when billed_gigabyte_months < listed_gigabyte_months then 'the lists have more: what was listed was deleted or moved on the day'
        when covers_all = 0
            then 'the lists cover parts of the bucket: ' || first_covered_prefix
            || case when first_covered_prefix = last_covered_prefix then '' else ' to ' || last_covered_prefix end
        when lists_versions = 0 then 'the lists have no noncurrent versions: there are some, or unfinished uploads'
        when storage_class = 'STANDARD' then 'unfinished uploads, or what came after the list'
        else 'what came after the list'
    end as reason
from compared
order by difference_cost desc, bucket_name asc, storage_class asc, usage_on asc
