-- Grain: one row per currency, billing period, bucket, component, kind of charge, storage class and access tier: what it cost against the billing period
-- before, and why: more use, or another price. Use by the price before is what the volume alone would have done, and all of what is new or gone; the rest
-- is price. It is worked out by usage type and operation, which have a price. What has no amount of use (tax, credits, discounts) has neither.
{%- set grain = ['currency', 'bucket_name', 'component', 'charge_kind', 'storage_class', 'access_tier', 'usage_type', 'operation'] %}
with

monthly as (

    select
        {{ grain | join(',\n        ') }},
        billing_period_starts_on,
        sum(case when component = 'usage' then usage_amount end) as usage_amount,
        sum(cost_amount) as cost_amount
    from {{ ref('agg_s3_charges') }}
    group by {{ grain | join(', ') }}, billing_period_starts_on

),

periods as (

    select
        currency,
        billing_period_starts_on,
        lag(billing_period_starts_on) over (partition by currency order by billing_period_starts_on) as period_before_starts_on
    from (
        select distinct
            currency,
            billing_period_starts_on
        from monthly
    ) as billed_periods

),

compared as (

    select
        {%- for name in grain %}
        coalesce(now_billed.{{ name }}, before_billed.{{ name }}) as {{ name }},
        {%- endfor %}
        coalesce(now_billed.billing_period_starts_on, before_billed.following_period_starts_on) as billing_period_starts_on,
        now_billed.usage_amount,
        before_billed.usage_amount as usage_amount_before,
        coalesce(now_billed.cost_amount, 0) as cost_amount,
        coalesce(before_billed.cost_amount, 0) as cost_amount_before
    from monthly as now_billed
    full outer join (
        select
            monthly.*,
            periods.billing_period_starts_on as following_period_starts_on
        from monthly
        inner join periods
            on monthly.currency = periods.currency and monthly.billing_period_starts_on = periods.period_before_starts_on
    ) as before_billed
        on
            now_billed.billing_period_starts_on = before_billed.following_period_starts_on
            {%- for name in grain %}
            and now_billed.{{ name }} = before_billed.{{ name }}
            {%- endfor %}

),

driven as (

    select
        compared.*,
        cast(case
            when component <> 'usage' then null
            when coalesce(usage_amount, 0) = 0 or coalesce(usage_amount_before, 0) = 0 then cost_amount - cost_amount_before
            else round(
                cast((usage_amount - usage_amount_before) / usage_amount_before * cast(cost_amount_before as {{ float_type() }}) as {{ money_type() }}), 12
            )
        end as {{ money_type() }}) as change_by_volume
    from compared

)

select
    driven.currency,
    driven.billing_period_starts_on,
    periods.period_before_starts_on,
    driven.bucket_name,
    driven.component,
    driven.charge_kind,
    driven.storage_class,
    driven.access_tier,
    sum(driven.cost_amount) as cost_amount,
    case when periods.period_before_starts_on is not null then sum(driven.cost_amount_before) end as cost_amount_before,
    case when periods.period_before_starts_on is not null then sum(driven.cost_amount - driven.cost_amount_before) end as change_amount,
    case when periods.period_before_starts_on is not null then sum(driven.change_by_volume) end as change_by_volume,
    case
        when periods.period_before_starts_on is not null then sum(case
            when driven.change_by_volume is not null then driven.cost_amount - driven.cost_amount_before - driven.change_by_volume
        end)
    end as change_by_price
from driven
inner join periods
    on driven.currency = periods.currency and driven.billing_period_starts_on = periods.billing_period_starts_on
group by
    driven.currency,
    driven.billing_period_starts_on,
    periods.period_before_starts_on,
    driven.bucket_name,
    driven.component,
    driven.charge_kind,
    driven.storage_class,
    driven.access_tier
order by currency, billing_period_starts_on, bucket_name, component, charge_kind, storage_class, access_tier
