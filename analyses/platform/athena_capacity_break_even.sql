-- Grain: one row per plan of the variable athena_capacity_plans: what it costs, and from how many terabytes scanned on it is cheaper than to pay
-- per query. Capacity is paid for 8 hours at least, and for 24 DPUs at least.
with

plans as (
    {% for plan in athena_capacity_plans() %}
    select
        cast({{ plan.dpus }} as integer) as dpus,
        cast({{ plan.minutes }} as integer) as minutes
    {{ 'union all' if not loop.last }}
    {%- endfor %}

),

latest_prices as (

    select
        price_per_hour,
        currency,
        row_number() over (order by valid_from desc) as price_number
    from {{ ref('ref_capacity_prices') }}
    where capacity_unit = 'Athena DPU' and region = '{{ var('job_runs_region', 'us-east-1') }}'

),

costs as (

    select
        plans.dpus,
        plans.minutes,
        greatest(plans.minutes, 480) as billed_minutes,
        cast(plans.dpus * greatest(plans.minutes, 480) * latest_prices.price_per_hour / 60 as decimal(18, 4)) as capacity_cost,
        latest_prices.currency
    from plans
    left join latest_prices
        on latest_prices.price_number = 1

)

select
    costs.*,
    cast(capacity_cost / {{ var('athena_price_per_terabyte', 5) }} as decimal(18, 4)) as break_even_terabytes
from costs
order by capacity_cost
