{{ config(tags=['daily']) }}
-- Grain: one row per run of a job of Glue or EMR as it is known now: how it ended, how long it waited and ran, and what that cost.
{%- set capacity = {
    'Glue DPU': 'dpu_hours', 'EMR vCPU': 'vcpu_hours', 'EMR memory GB': 'memory_gb_hours', 'EMR storage GB': 'storage_gb_hours',
} %}
with

-- what Glue calls started is when the run was asked for; it tells the seconds of work and not when they began
glue_runs as (

    select
        'Glue' as service,
        job_run_id,
        job_name,
        run_state,
        error_message,
        worker_type || ' x ' || {{ as_text('workers') }} as configuration_name,
        started_at as requested_at,
        completed_at as ended_at,
        coalesce(is_queuing_enabled, false) as is_queuing_enabled,
        greatest(
            cast({{ elapsed_us('started_at', 'coalesce(completed_at, last_modified_at)') }} as {{ float_type() }}) / 1000000
            - coalesce(execution_seconds, 0), 0
        ) as waiting_seconds,
        cast(execution_seconds as {{ float_type() }}) as running_seconds,
        coalesce(used_dpu_seconds, max_capacity_dpu * execution_seconds) / 3600 as dpu_hours,
        cast(null as {{ float_type() }}) as vcpu_hours,
        cast(null as {{ float_type() }}) as memory_gb_hours,
        cast(null as {{ float_type() }}) as storage_gb_hours
    from {{ ref('current_glue__job_runs') }}

),

emr_runs as (

    select
        'EMR' as service,
        job_run_id,
        coalesce(job_name, application_id) as job_name,
        run_state,
        error_message,
        driver_settings as configuration_name,
        created_at as requested_at,
        ended_at,
        true as is_queuing_enabled,
        case
            when started_at is not null then cast({{ elapsed_us('created_at', 'started_at') }} as {{ float_type() }}) / 1000000
            else cast(queued_ms as {{ float_type() }}) / 1000
        end as waiting_seconds,
        coalesce(
            cast({{ elapsed_us('started_at', 'ended_at') }} as {{ float_type() }}) / 1000000, cast(execution_seconds as {{ float_type() }})
        ) as running_seconds,
        cast(null as {{ float_type() }}) as dpu_hours,
        billed_vcpu_hours as vcpu_hours,
        billed_memory_gb_hours as memory_gb_hours,
        billed_storage_gb_hours as storage_gb_hours
    from {{ ref('current_emr__job_runs') }}

),

runs as (

    select * from glue_runs

    union all

    select * from emr_runs

),

outcomes as (

    select
        runs.*,
        case
            when run_state in ('SUCCEEDED', 'SUCCESS', 'COMPLETED') then 'succeeded'
            when run_state = 'TIMEOUT' then 'timed out'
            when run_state in ('FAILED', 'ERROR', 'EXPIRED') then 'failed'
            when run_state in ('STOPPED', 'STOPPING', 'CANCELLED', 'CANCELLING', 'CANCEL_PENDING') then 'stopped'
            when run_state in ('WAITING', 'QUEUED', 'PENDING', 'SUBMITTED', 'SCHEDULED', 'STARTING') then 'waiting'
            when run_state = 'RUNNING' then 'running'
            else 'unknown'
        end as run_outcome
    from runs

),

-- the price of the day on which the run was asked for
prices as (

    select
        outcomes.service,
        outcomes.job_run_id,
        listed.capacity_unit,
        listed.price_per_hour,
        listed.currency,
        row_number() over (
            partition by outcomes.service, outcomes.job_run_id, listed.capacity_unit order by listed.valid_from desc
        ) as price_number
    from outcomes
    inner join {{ ref('ref_capacity_prices') }} as listed
        on
            listed.valid_from <= cast(outcomes.requested_at as date)
            and listed.region = '{{ var('job_runs_region', 'us-east-1') }}'
            and listed.capacity_unit in ('{{ capacity.keys() | join("', '") }}')

),

priced as (

    select
        service,
        job_run_id,
        {%- for unit, hours in capacity.items() %}
        max(case when capacity_unit = '{{ unit }}' then cast(price_per_hour as {{ float_type() }}) end) as {{ hours }}_price,
        {%- endfor %}
        min(currency) as currency
    from prices
    where price_number = 1
    group by service, job_run_id

),

costs as (

    select
        outcomes.*,
        case
            when outcomes.dpu_hours is not null then outcomes.dpu_hours * priced.dpu_hours_price
            when outcomes.vcpu_hours is not null
                then
                    outcomes.vcpu_hours * priced.vcpu_hours_price
                    + coalesce(outcomes.memory_gb_hours, 0) * priced.memory_gb_hours_price
                    + coalesce(outcomes.storage_gb_hours, 0) * priced.storage_gb_hours_price
        end as cost_amount,
        priced.currency
    from outcomes
    left join priced
        on outcomes.service = priced.service and outcomes.job_run_id = priced.job_run_id

)

select
    cast(service as {{ text_type(16) }}) as service,
    job_run_id,
    cast(job_name as {{ text_type(255) }}) as job_name,
    cast(coalesce(configuration_name, 'unknown') as {{ text_type(8192) }}) as configuration_name,
    run_state,
    cast(run_outcome as {{ text_type(16) }}) as run_outcome,
    cast(case
        when run_outcome = 'waiting' then 'waiting'
        when coalesce(running_seconds, 0) = 0 and run_outcome in ('failed', 'timed out') and is_queuing_enabled then 'gave up'
        when coalesce(running_seconds, 0) = 0 and run_outcome in ('failed', 'timed out') then 'refused'
        when waiting_seconds > {{ var('job_runs_waiting_seconds', 60) }} then 'waited, then ran'
        else 'ran at once'
    end as {{ text_type(16) }}) as queue_outcome,
    error_message,
    requested_at,
    ended_at,
    waiting_seconds,
    running_seconds,
    dpu_hours,
    vcpu_hours,
    memory_gb_hours,
    storage_gb_hours,
    cast(cost_amount as decimal(18, 6)) as cost_amount,
    cast(currency as {{ text_type(8) }}) as currency,
    cast(case
        when dpu_hours is null and vcpu_hours is null then 'capacity unknown'
        when cost_amount is null then 'price unknown'
        when service = 'Glue' then 'DPU hours'
        else 'billed resources'
    end as {{ text_type(32) }}) as cost_basis
from costs
