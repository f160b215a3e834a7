{{ config(tags=['daily']) }}
-- Grain: one row per job and configuration of its workers: runs that succeeded, how long they waited and ran, and what one cost, against the job's
-- slowest and dearest configuration.
with

runs as (

    select * from {{ ref('fct_job_runs') }}

),

placed as (

    select
        runs.*,
        case when run_outcome = 'succeeded' then 1 else 0 end as is_success,
        row_number() over (
            partition by service, job_name, configuration_name
            order by case when run_outcome = 'succeeded' then running_seconds end nulls last
        ) as place,
        count(case when run_outcome = 'succeeded' then running_seconds end) over (
            partition by service, job_name, configuration_name
        ) as number
    from runs

),

summed as (

    select
        service,
        job_name,
        configuration_name,
        cast(count(*) as bigint) as runs,
        cast(sum(is_success) as bigint) as succeeded_runs,
        cast(sum(case when queue_outcome in ('waited, then ran', 'waiting', 'gave up') then 1 else 0 end) as bigint) as waiting_runs,
        avg(waiting_seconds) as mean_waiting_seconds,
        {{ interpolated_percentile("case when is_success = 1 then running_seconds end", 0.5) }} as p50_running_seconds,
        avg(case when is_success = 1 then cast(cost_amount as {{ float_type() }}) end) as cost_per_run,
        case when count(distinct currency) = 1 then min(currency) end as currency
    from placed
    group by service, job_name, configuration_name

)

select
    summed.service,
    summed.job_name,
    summed.configuration_name,
    summed.runs,
    summed.succeeded_runs,
    summed.waiting_runs,
    summed.mean_waiting_seconds,
    summed.p50_running_seconds,
    summed.cost_per_run,
    summed.currency,
    summed.p50_running_seconds / nullif(max(summed.p50_running_seconds) over (partition by service, job_name), 0) as running_ratio,
    summed.cost_per_run / nullif(max(summed.cost_per_run) over (partition by service, job_name), 0) as cost_ratio
from summed
