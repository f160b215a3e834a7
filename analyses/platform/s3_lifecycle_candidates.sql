-- Grain: one row per bucket, prefix, age and class to move to: what STANDARD holds of that age, what it would cost a month in the other class, with what
-- is read of it, and from which month on the move has paid for itself. Rows of one prefix and age are alternatives: the one with alternative 1 saves most,
-- and saving_to_add is for sums, 0 in the others. Rates are those of the bucket's last bill; where it has none of the class, list prices of
-- ref_s3_prices of the bucket's region and currency, else there is no figure, as rate_basis says. Reads are those that the access logs of the last 31
-- days have of the prefix, as if all ages were read alike; without logs they are unknown, and are not in the figures.
{%- set ages = {'STANDARD_IA': ['30 to 90 days', '90 to 180 days', '180 days and more'], 'GLACIER_IR': ['90 to 180 days', '180 days and more'],
    'DEEP_ARCHIVE': ['180 days and more']} %}
with

latest as (

    {{ latest_s3_storage() | indent(4) }}

),

-- the currency and the region of a bucket are those of most of what its storage cost last
bucket_bills as (

    select
        bucket_name,
        currency,
        billing_period_starts_on,
        {{ billed_region('usage_type') | indent(8) }} as region,
        row_number() over (
            partition by bucket_name order by billing_period_starts_on desc, sum(cost_amount) desc, currency asc, {{ billed_region('usage_type') }} asc
        ) as place
    from {{ ref('agg_s3_charges') }}
    where charge_kind = 'storage' and bucket_name <> ''
    group by bucket_name, currency, billing_period_starts_on, {{ billed_region('usage_type') }}

),

billed as (

    select
        charges.bucket_name,
        charges.storage_class,
        cast(sum(charges.cost_amount) as {{ float_type() }}) / nullif(sum(charges.usage_amount), 0) as rate
    from {{ ref('agg_s3_charges') }} as charges
    inner join bucket_bills
        on
            charges.bucket_name = bucket_bills.bucket_name
            and charges.currency = bucket_bills.currency
            and charges.billing_period_starts_on = bucket_bills.billing_period_starts_on
            and bucket_bills.place = 1
    where charges.charge_kind = 'storage' and charges.access_tier = ''
    group by charges.bucket_name, charges.storage_class

),

listed as (

    select
        prices.*,
        row_number() over (partition by storage_class, region order by valid_from desc) as place
    from {{ ref('ref_s3_prices') }} as prices
    where valid_from <= (select max(inventory_on) from latest)

),

classes as (
    {% for storage_class in ['STANDARD'] + ages.keys() | list %}
    select '{{ storage_class }}' as storage_class
    {{- ' union all' if not loop.last }}
    {%- endfor %}

),

rates as (

    select
        bucket_bills.bucket_name,
        bucket_bills.currency,
        bucket_bills.region,
        classes.storage_class,
        coalesce(billed.rate, cast(listed.storage_price as {{ float_type() }})) as storage_price,
        case when billed.rate is not null then 'bill' when listed.storage_price is not null then 'list' else 'no rate' end as basis,
        cast(listed.transition_price as {{ float_type() }}) as transition_price,
        cast(listed.retrieval_price as {{ float_type() }}) as retrieval_price,
        listed.minimum_days
    from bucket_bills
    cross join classes
    left join billed
        on bucket_bills.bucket_name = billed.bucket_name and classes.storage_class = billed.storage_class
    left join listed
        on
            classes.storage_class = listed.storage_class
            and bucket_bills.region = listed.region
            and bucket_bills.currency = listed.currency
            and listed.place = 1
    where bucket_bills.place = 1

),

aged as (

    select
        bucket_name,
        prefix,
        age_class,
        sum(objects) as objects,
        cast(sum(size_bytes) as {{ float_type() }}) / 1073741824 as gigabytes,
        cast(sum(missing_small_bytes) as {{ float_type() }}) / 1073741824 as missing_gigabytes,
        sum(cast(sum(size_bytes) as {{ float_type() }})) over (partition by bucket_name, prefix) / 1073741824 as prefix_gigabytes
    from latest
    where storage_class = 'STANDARD' and version_kind <> 'delete marker'
    group by bucket_name, prefix, age_class

),

logged_buckets as (

    select
        bucket_name,
        max(requested_on) as last_requested_on
    from {{ ref('fct_s3_requests') }}
    group by bucket_name

),

read_requests as (

    select
        requests.bucket_name,
        requests.prefix,
        cast(sum(requests.bytes_sent) as {{ float_type() }}) / 1073741824 as read_gigabytes
    from {{ ref('fct_s3_requests') }} as requests
    inner join logged_buckets
        on requests.bucket_name = logged_buckets.bucket_name
    where
        requests.billed_operation in ('GetObject', 'SelectObjectContent')
        and {{ elapsed_days('requests.requested_on', 'logged_buckets.last_requested_on') }} < 31
    group by requests.bucket_name, requests.prefix

),

candidates as (
    {% for storage_class, ranges in ages.items() %}
    select
        aged.*,
        '{{ storage_class }}' as target_class,
        -- what is charged beyond the bytes: 128 KiB at least, or 32 KiB of index in the class and 8 KiB of name in STANDARD
        {{ 'cast(32768 * objects as ' ~ float_type() ~ ') / 1073741824' if storage_class == 'DEEP_ARCHIVE' else 'missing_gigabytes' }} as more_gigabytes,
        {{ 'cast(8192 * objects as ' ~ float_type() ~ ') / 1073741824' if storage_class == 'DEEP_ARCHIVE' else '0' }} as name_gigabytes
    from aged
    where age_class in ('{{ ranges | join("', '") }}')
    {{ 'union all' if not loop.last }}
    {% endfor %}
),

costed as (

    select
        candidates.bucket_name,
        candidates.prefix,
        candidates.age_class,
        candidates.target_class,
        target_rates.region,
        target_rates.currency,
        candidates.objects,
        candidates.gigabytes,
        candidates.gigabytes * own_rates.storage_price as cost_now,
        (candidates.gigabytes + candidates.more_gigabytes) * target_rates.storage_price
        + candidates.name_gigabytes * own_rates.storage_price as cost_then,
        case when logged_buckets.bucket_name is not null then
            coalesce(read_requests.read_gigabytes, 0) * candidates.gigabytes / nullif(candidates.prefix_gigabytes, 0)
        end as read_gigabytes,
        target_rates.retrieval_price,
        cast(candidates.objects as {{ float_type() }}) * target_rates.transition_price / 1000 as transition_cost,
        target_rates.minimum_days,
        target_rates.basis as rate_basis
    from candidates
    inner join rates as own_rates
        on candidates.bucket_name = own_rates.bucket_name and own_rates.storage_class = 'STANDARD'
    inner join rates as target_rates
        on candidates.bucket_name = target_rates.bucket_name and candidates.target_class = target_rates.storage_class
    left join logged_buckets
        on candidates.bucket_name = logged_buckets.bucket_name
    left join read_requests
        on candidates.bucket_name = read_requests.bucket_name and candidates.prefix = read_requests.prefix

),

saved as (

    select
        costed.*,
        coalesce(read_gigabytes * retrieval_price, 0) as retrieval_cost,
        cost_now - cost_then - coalesce(read_gigabytes * retrieval_price, 0) as monthly_saving,
        minimum_days / 30.0 as minimum_months
    from costed

),

ranked as (

    select
        saved.*,
        row_number() over (
            partition by bucket_name, prefix, age_class order by coalesce(monthly_saving, -1e30) desc, target_class asc
        ) as alternative
    from saved
    where monthly_saving > 0 or rate_basis = 'no rate'

)

select
    bucket_name,
    prefix,
    age_class,
    target_class,
    alternative,
    region,
    currency,
    objects,
    gigabytes,
    cost_now as monthly_cost_now,
    cost_then as monthly_cost_then,
    case when read_gigabytes is not null then retrieval_cost end as monthly_retrieval_cost,
    monthly_saving,
    case when alternative = 1 then coalesce(monthly_saving, 0) else 0 end as saving_to_add,
    transition_cost,
    minimum_days,
    -- what goes before its minimum days is charged for them all the same
    case
        when (transition_cost + (cost_then + retrieval_cost) * minimum_months) / nullif(cost_now, 0) <= minimum_months
            then (transition_cost + (cost_then + retrieval_cost) * minimum_months) / nullif(cost_now, 0)
        else transition_cost / nullif(monthly_saving, 0)
    end as break_even_months,
    rate_basis
from ranked
order by saving_to_add desc, bucket_name asc, prefix asc, age_class asc, alternative asc
