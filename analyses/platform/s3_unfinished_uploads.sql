-- Grain: one row per billing period, currency, bucket and storage class: what parts of unfinished uploads cost. Those on their way to an archive have a
-- usage type of their own (staging); those in STANDARD are in no list and no line of their own: where the lists cover the bucket with all versions, they
-- are at most what the bill has beyond them on days with a list, and basis says so.
with

staged as (

    select
        billing_period_starts_on,
        currency,
        bucket_name,
        case when usage_type like '%GDA%' then 'DEEP_ARCHIVE' else 'GLACIER' end as storage_class,
        sum(usage_amount) as gigabyte_months,
        sum(cost_amount) as cost_amount
    from {{ ref('agg_s3_charges') }}
    where component = 'usage' and charge_kind = 'unfinished uploads'
    group by billing_period_starts_on, currency, bucket_name, case when usage_type like '%GDA%' then 'DEEP_ARCHIVE' else 'GLACIER' end

),

month_lengths as (

    select
        {{ month_of('date_on') }} as billing_period_starts_on,
        count(*) as month_days
    from {{ ref('dim_date') }}
    group by {{ month_of('date_on') }}

),

whole_lists as (

    select
        bucket_name,
        inventory_on
    from {{ ref('agg_s3_inventory_lists') }}
    where days_off = 0
    group by bucket_name, inventory_on
    having max(case when covered_prefix = '' and lists_versions then 1 else 0 end) = 1

),

standard_bytes as (

    select
        weights.bucket_name,
        weights.inventory_on,
        cast(sum(weights.weight) as {{ float_type() }}) as weight
    from {{ ref('agg_s3_prefix_weights') }} as weights
    inner join whole_lists
        on weights.bucket_name = whole_lists.bucket_name and weights.inventory_on = whole_lists.inventory_on
    where weights.driver = 'stored bytes' and weights.storage_class = 'STANDARD'
    group by weights.bucket_name, weights.inventory_on

),

standard_days as (

    select
        charges.billing_period_starts_on,
        charges.currency,
        charges.bucket_name,
        charges.usage_on,
        sum(charges.usage_amount) as billed_gigabyte_months,
        cast(sum(charges.cost_amount) as {{ float_type() }}) as cost_amount
    from {{ ref('agg_s3_charges') }} as charges
    where
        charges.component = 'usage'
        and charges.charge_kind = 'storage'
        and charges.storage_class = 'STANDARD'
        and charges.usage_on = charges.used_until_on
    group by charges.billing_period_starts_on, charges.currency, charges.bucket_name, charges.usage_on

),

beyond as (

    select
        standard_days.billing_period_starts_on,
        standard_days.currency,
        standard_days.bucket_name,
        standard_days.cost_amount / nullif(standard_days.billed_gigabyte_months, 0) as rate,
        standard_days.billed_gigabyte_months
        - {{ gigabyte_months('standard_bytes.weight * 24', 'month_lengths.month_days') }} as gigabyte_months
    from standard_days
    inner join standard_bytes
        on standard_days.bucket_name = standard_bytes.bucket_name and standard_days.usage_on = standard_bytes.inventory_on
    inner join month_lengths
        on standard_days.billing_period_starts_on = month_lengths.billing_period_starts_on

)

select
    billing_period_starts_on,
    currency,
    bucket_name,
    storage_class,
    'billed as staging' as basis,
    gigabyte_months,
    cast(cost_amount as {{ float_type() }}) as cost_amount
from staged

union all

select
    billing_period_starts_on,
    currency,
    bucket_name,
    'STANDARD' as storage_class,
    'at most: billed beyond the lists' as basis,
    sum(gigabyte_months) as gigabyte_months,
    sum(gigabyte_months * rate) as cost_amount
from beyond
group by billing_period_starts_on, currency, bucket_name
having sum(gigabyte_months * rate) > 0
order by billing_period_starts_on, currency, bucket_name, storage_class
