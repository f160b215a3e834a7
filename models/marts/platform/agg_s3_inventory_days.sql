{{ config(tags=['daily']) }}
-- Grain: one row per bucket with an inventory and day on which the bill has a charge for it: the inventory that stands for the day, the nearest one
-- where the day has none, and of two as near the earlier.
with

charged_days as (

    select distinct
        charges.bucket_name,
        days.date_on as charged_on
    from {{ ref('agg_s3_charges') }} as charges
    inner join {{ ref('dim_date') }} as days
        on days.date_on between charges.usage_on and charges.used_until_on

),

inventory_days as (

    select distinct
        bucket_name,
        inventory_on
    from {{ ref('agg_s3_inventory_lists') }}

),

-- both on one line of time: the last inventory up to a day and the first one from it on
moments as (

    select
        bucket_name,
        charged_on as day_on,
        1 as is_charged,
        cast(null as date) as inventory_on
    from charged_days

    union all

    select
        bucket_name,
        inventory_on as day_on,
        0 as is_charged,
        inventory_on
    from inventory_days

),

neighbours as (

    select
        moments.*,
        max(inventory_on) over (
            partition by bucket_name order by day_on, is_charged rows between unbounded preceding and current row
        ) as inventory_before_on,
        min(inventory_on) over (
            partition by bucket_name order by day_on, is_charged rows between current row and unbounded following
        ) as inventory_after_on
    from moments

),

distances as (

    select
        bucket_name,
        day_on,
        inventory_before_on,
        inventory_after_on,
        {{ elapsed_days('inventory_before_on', 'day_on') | indent(8) }} as days_before,
        {{ elapsed_days('day_on', 'inventory_after_on') | indent(8) }} as days_after
    from neighbours
    where is_charged = 1 and coalesce(inventory_before_on, inventory_after_on) is not null

)

select
    bucket_name,
    day_on as charged_on,
    case
        when inventory_before_on is null or days_after < days_before then inventory_after_on
        else inventory_before_on
    end as inventory_on,
    cast(least(coalesce(days_before, days_after), coalesce(days_after, days_before)) as integer) as filled_days
from distances
