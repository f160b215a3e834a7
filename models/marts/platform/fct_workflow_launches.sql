{{ config(tags=['workflows', 'daily']) }}
-- Grain: one row per launch of a workflow as it is known now: its states in order, how long it waited and ran, and what that cost.
{%- set states = ['SUBMITTED', 'PENDING', 'RUNNABLE', 'STARTING', 'RUNNING', 'SUCCEEDED', 'FAILED'] %}
{%- set stuck_minutes = var('workflow_stuck_minutes', 60) %}
with

changes as (

    select * from {{ ref('history_workflows__launches') }}

),

ranked as (

    select
        changes.*,
        case launch_status
            {%- for state in states %}
            when '{{ state }}' then {{ loop.index }}
            {%- endfor %}
        end as state_number,
        -- the ledger's own clock: what it knew last, of any launch
        max(valid_from) over () as known_until
    from changes

),

followed as (

    select
        ranked.*,
        lead(state_number) over (partition by launch_id order by version_number) as next_state_number,
        lead(attempt) over (partition by launch_id order by version_number) as next_attempt
    from ranked

),

launches as (

    select
        launch_id,
        min(valid_from) as submitted_at,
        min(case when launch_status = 'RUNNING' then valid_from end) as started_at,
        max(case when is_current and launch_status in ('SUCCEEDED', 'FAILED') then valid_from end) as ended_at,
        max(case when is_current then valid_from end) as last_changed_at,
        max(case when is_current then launch_status end) as launch_status,
        max(case when is_current then workflow_type end) as workflow_type,
        max(case when is_current then coalesce(compute_engine, 'default') end) as compute_engine,
        max(case when is_current then configuration_path end) as configuration_path,
        max(case when is_current then error_message end) as error_message,
        max(case when is_current then cost_amount end) as cost_amount,
        max(case when is_current then log_stream end) as log_stream,
        max(coalesce(attempt, 1)) as attempts,
        max(case when is_spot then 1 else 0 end) as was_on_spot,
        max(case when is_current and not coalesce(is_spot, false) then 1 else 0 end) as is_on_demand_now,
        -- back to an earlier state is what a new attempt does, and nothing else; a state that has no name here is none of them
        sum(case when next_state_number < state_number and coalesce(next_attempt, 1) <= coalesce(attempt, 1) then 1 else 0 end) as steps_back,
        sum(case when state_number is null then 1 else 0 end) as unknown_states,
        max(known_until) as known_until
    from followed
    group by launch_id

),

timed as (

    select
        launches.*,
        cast({{ elapsed_us('submitted_at', 'ended_at') }} as {{ float_type() }}) / 1000000 as duration_seconds,
        cast({{ elapsed_us('started_at', 'ended_at') }} as {{ float_type() }}) / 1000000 as running_seconds,
        cast({{ elapsed_us('last_changed_at', 'known_until') }} as {{ float_type() }}) / 1000000 as unchanged_seconds
    from launches

)

select
    launch_id,
    workflow_type,
    compute_engine,
    launch_status,
    case
        when configuration_path is null then 'MissingRequiredParametersError'
        when launch_status <> 'FAILED' then null
        when error_message like '%OutOfMemory%' then 'OutOfMemoryError'
        when error_message like '%MissingRequiredParameters%' then 'MissingRequiredParametersError'
        when error_message like '%Host EC2%terminated%' or lower(error_message) like '%spot%interrupt%' then 'spot interruption'
        else 'other'
    end as error_class,
    error_message,
    submitted_at,
    started_at,
    ended_at,
    duration_seconds,
    running_seconds,
    cast(attempts as bigint) as attempts,
    was_on_spot = 1 as was_on_spot,
    was_on_spot = 1 and is_on_demand_now = 1 as fell_back_to_on_demand,
    ended_at is null and unchanged_seconds > {{ stuck_minutes }} * 60 as is_stuck,
    steps_back = 0 and unknown_states = 0 as is_in_order,
    cost_amount,
    log_stream
from timed
