{{ config(tags=['workflows', 'daily']) }}
-- Grain: one row per workflow and compute engine: launches, how they ended, how long they took, what they cost.
with

launches as (

    select * from {{ ref('fct_workflow_launches') }}

),

placed as (

    select
        launches.*,
        case when launch_status = 'SUCCEEDED' then duration_seconds end as succeeded_seconds,
        row_number() over (
            partition by workflow_type, compute_engine
            order by case when launch_status = 'SUCCEEDED' then duration_seconds end nulls last, launch_id
        ) as place,
        count(case when launch_status = 'SUCCEEDED' then duration_seconds end) over (partition by workflow_type, compute_engine) as number
    from launches

)

select
    workflow_type,
    compute_engine,
    cast(count(*) as bigint) as launches,
    cast(sum(case when launch_status = 'SUCCEEDED' then 1 else 0 end) as bigint) as succeeded_launches,
    cast(sum(case when launch_status = 'FAILED' then 1 else 0 end) as bigint) as failed_launches,
    cast(sum(case when is_stuck then 1 else 0 end) as bigint) as stuck_launches,
    cast(sum(attempts - 1) as bigint) as retries,
    cast(sum(case when was_on_spot then 1 else 0 end) as bigint) as spot_launches,
    cast(sum(case when fell_back_to_on_demand then 1 else 0 end) as bigint) as fallbacks_to_on_demand,
    {{ interpolated_percentile('succeeded_seconds', 0.5) }} as p50_seconds,
    {{ interpolated_percentile('succeeded_seconds', 0.95) }} as p95_seconds,
    cast(sum(cost_amount) as {{ float_type() }}) as cost_dollars,
    cast(sum(cost_amount) as {{ float_type() }}) / nullif(sum(case when launch_status = 'SUCCEEDED' then 1 else 0 end), 0) as dollars_per_success
from placed
group by workflow_type, compute_engine
