-- Grain: one row per currency, bucket, storage class and billing period: what storage cost against the month before, and why: more bytes, another
-- price. Bytes by price of the month before is what the volume alone would have done; the rest is price. A class that is new has neither.
with

monthly as (

    select
        currency,
        bucket_name,
        storage_class,
        access_tier,
        billing_period_starts_on,
        sum(usage_amount) as gigabyte_months,
        cast(sum(cost_amount) as {{ float_type() }}) as cost_amount
    from {{ ref('agg_s3_charges') }}
    where charge_kind = 'storage'
    group by currency, bucket_name, storage_class, access_tier, billing_period_starts_on

),

compared as (

    select
        monthly.*,
        lag(gigabyte_months) over (partition by currency, bucket_name, storage_class, access_tier order by billing_period_starts_on) as gigabyte_months_before,
        lag(cost_amount) over (partition by currency, bucket_name, storage_class, access_tier order by billing_period_starts_on) as cost_amount_before
    from monthly

)

select
    currency,
    bucket_name,
    storage_class,
    access_tier,
    billing_period_starts_on,
    gigabyte_months,
    cost_amount,
    cost_amount / nullif(gigabyte_months, 0) as cost_per_gigabyte_month,
    cost_amount - cost_amount_before as change_amount,
    (gigabyte_months - gigabyte_months_before) * cost_amount_before / nullif(gigabyte_months_before, 0) as change_by_volume,
    cost_amount - gigabyte_months * cost_amount_before / nullif(gigabyte_months_before, 0) as change_by_price
from compared
order by currency, bucket_name, storage_class, access_tier, billing_period_starts_on
