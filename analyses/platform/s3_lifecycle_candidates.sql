-- Grain: one row per bucket, prefix and class to move to: what STANDARD holds that has not changed for longer than the range says, what it would cost a
-- month in the other class, and from which month on the move has paid for itself. Rates are those of the bucket's last bill; where it has none of the
-- class, list prices of ref_s3_prices of that day, as rate_basis says.
{%- set ages = {'STANDARD_IA': ['30 to 90 days', '90 to 180 days', '180 days and more'], 'GLACIER_IR': ['90 to 180 days', '180 days and more'],
    'DEEP_ARCHIVE': ['180 days and more']} %}
with

latest as (

    {{ latest_s3_storage() | indent(4) }}

),

billed as (

    select
        bucket_name,
        storage_class,
        billing_period_starts_on,
        max(billing_period_starts_on) over (partition by bucket_name) as last_period_starts_on,
        cast(sum(cost_amount) as {{ float_type() }}) / nullif(sum(usage_amount), 0) as rate
    from {{ ref('agg_s3_charges') }}
    where charge_kind = 'storage' and access_tier = ''
    group by bucket_name, storage_class, billing_period_starts_on

),

listed as (

    select
        prices.*,
        row_number() over (partition by storage_class order by valid_from desc) as place
    from {{ ref('ref_s3_prices') }} as prices
    where
        region = '{{ var('s3_prices_region', 'us-east-1') }}'
        and valid_from <= (select max(inventory_on) from latest)

),

rates as (

    select
        buckets.bucket_name,
        listed.storage_class,
        coalesce(billed.rate, listed.storage_price) as storage_price,
        case when billed.rate is null then 'list' else 'bill' end as basis,
        listed.transition_price
    from (select distinct bucket_name from latest) as buckets
    cross join listed
    left join billed
        on
            buckets.bucket_name = billed.bucket_name
            and listed.storage_class = billed.storage_class
            and billed.billing_period_starts_on = billed.last_period_starts_on
    where listed.place = 1

),

candidates as (
    {% for storage_class, ranges in ages.items() %}
    select
        bucket_name,
        prefix,
        '{{ storage_class }}' as target_class,
        sum(objects) as objects,
        cast(sum(size_bytes) as {{ float_type() }}) / 1073741824 as gigabytes,
        -- what the class charges beyond the bytes: 128 KiB at least, or 40 KiB of index and name
        cast(sum({{ '40960 * objects' if storage_class == 'DEEP_ARCHIVE' else 'missing_small_bytes' }}) as {{ float_type() }}) / 1073741824 as more_gigabytes
    from latest
    where
        storage_class = 'STANDARD'
        and version_kind <> 'delete marker'
        and age_class in ('{{ ranges | join("', '") }}')
    group by bucket_name, prefix
    {{ 'union all' if not loop.last }}
    {% endfor %}
),

reckoned as (

    select
        candidates.bucket_name,
        candidates.prefix,
        candidates.target_class,
        candidates.objects,
        candidates.gigabytes,
        candidates.gigabytes * own_rates.storage_price as cost_now,
        (candidates.gigabytes + candidates.more_gigabytes) * target_rates.storage_price as cost_then,
        cast(candidates.objects as {{ float_type() }}) * target_rates.transition_price / 1000 as transition_cost,
        target_rates.basis as rate_basis
    from candidates
    inner join rates as own_rates
        on candidates.bucket_name = own_rates.bucket_name and own_rates.storage_class = 'STANDARD'
    inner join rates as target_rates
        on candidates.bucket_name = target_rates.bucket_name and candidates.target_class = target_rates.storage_class

)

select
    bucket_name,
    prefix,
    target_class,
    objects,
    gigabytes,
    cost_now as monthly_cost_now,
    cost_then as monthly_cost_then,
    cost_now - cost_then as monthly_saving,
    transition_cost,
    transition_cost / nullif(cost_now - cost_then, 0) as break_even_months,
    rate_basis
from reckoned
where cost_now > cost_then
order by monthly_saving desc, bucket_name asc, prefix asc, target_class asc
