-- Grain: one row per currency, bucket, kind of charge and day that cost far more or less than the days before: by more than three standard deviations of
-- the up to 28 days before it that had the kind (seven at least), and by more than the variable s3_unusual_amount of the currency.
with

daily as (

    select
        currency,
        bucket_name,
        charge_kind,
        usage_on,
        cast(sum(cost_amount) as {{ float_type() }}) as cost_amount
    from {{ ref('agg_s3_charges') }}
    where component = 'usage' and usage_on = used_until_on
    group by currency, bucket_name, charge_kind, usage_on

),

compared as (

    select
        daily.*,
        count(*) over (
            partition by currency, bucket_name, charge_kind order by usage_on rows between 28 preceding and 1 preceding
        ) as days_before,
        avg(cost_amount) over (
            partition by currency, bucket_name, charge_kind order by usage_on rows between 28 preceding and 1 preceding
        ) as usual_amount,
        stddev_samp(cost_amount) over (
            partition by currency, bucket_name, charge_kind order by usage_on rows between 28 preceding and 1 preceding
        ) as usual_deviation
    from daily

)

select
    currency,
    bucket_name,
    charge_kind,
    usage_on,
    cost_amount,
    usual_amount,
    cost_amount - usual_amount as difference_amount,
    (cost_amount - usual_amount) / nullif(usual_deviation, 0) as deviations
from compared
where
    days_before >= 7
    and abs(cost_amount - usual_amount) > 3 * usual_deviation
    and abs(cost_amount - usual_amount) > {{ var('s3_unusual_amount', 1) }}
order by usage_on desc, difference_amount desc, currency asc, bucket_name asc, charge_kind asc
