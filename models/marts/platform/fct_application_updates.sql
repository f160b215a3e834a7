{{ config(tags=['flink', 'daily']) }}
-- Grain: one row per update of a Flink application as it is known now, beside the rollback that took it back, and how long the application was down.
with

operations as (

    select * from {{ ref('current_flink__operations') }}

),

-- of operations that begin at one moment the identifier decides, so that it is always the same one
in_order as (

    select
        operations.*,
        lead(operation_id) over (partition by application_name order by started_at, operation_id) as next_operation_id,
        lead(operation_kind) over (partition by application_name order by started_at, operation_id) as next_operation_kind,
        min(case when operation_state = 'SUCCESSFUL' and operation_kind <> 'StopApplication' then ended_at end) over (
            partition by application_name
            order by started_at, operation_id
            rows between current row and unbounded following
        ) as up_again_at
    from operations

),

-- the service names the rollback in the details of what failed; where the details did not land, it is the next thing that was done
updates as (

    select
        in_order.*,
        case
            when operation_state <> 'FAILED' then null
            when rollback_operation_id is not null then rollback_operation_id
            when next_operation_kind = 'SystemRollbackApplication' then next_operation_id
        end as taken_back_by
    from in_order
    where operation_kind = 'UpdateApplication'

)

select
    updates.application_name,
    updates.operation_id,
    updates.started_at,
    updates.ended_at,
    updates.version_from,
    updates.version_to,
    case
        when updates.operation_state = 'SUCCESSFUL' then 'succeeded'
        when updates.operation_state = 'CANCELLED' then 'cancelled'
        when updates.operation_state = 'IN_PROGRESS' then 'in progress'
        when updates.operation_state <> 'FAILED' then 'unknown'
        when rollbacks.operation_state = 'SUCCESSFUL' then 'rolled back'
        when rollbacks.operation_state = 'FAILED' then 'rollback failed'
        -- the rollback goes on, or it has been named and has not landed
        when rollbacks.operation_state = 'IN_PROGRESS' or (updates.taken_back_by is not null and rollbacks.operation_id is null) then 'rolling back'
        else 'failed'
    end as update_outcome,
    updates.error_message,
    updates.taken_back_by as rollback_operation_id,
    rollbacks.started_at as rollback_started_at,
    rollbacks.ended_at as rollback_ended_at,
    updates.up_again_at,
    cast({{ elapsed_us('updates.started_at', 'updates.up_again_at') }} as {{ float_type() }}) / 1000000 as downtime_seconds,
    updates.up_again_at is not null as is_up_again
from updates
left join operations as rollbacks
    on updates.application_name = rollbacks.application_name and updates.taken_back_by = rollbacks.operation_id
