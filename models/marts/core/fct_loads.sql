{{ config(materialized='view', tags=['hourly']) }}
-- Grain: one row per load and model that keeps what loads bring.
with

states as (

    select * from {{ source('operations', 'loads') }}

),

loads as (

    select
        job,
        load_id,
        model_name,
        min(recorded_at) as started_at,
        max(case when state in ('Complete', 'Failed') then recorded_at end) as ended_at,
        max(case state when 'Failed' then 4 when 'Complete' then 3 when 'Running' then 2 else 1 end) as furthest,
        max(delivered_records) as delivered_records,
        max(accepted_records) as accepted_records,
        max(duplicate_records) as duplicate_records,
        max(quarantined_records) as quarantined_records,
        max(message) as message
    from states
    group by job, load_id, model_name

)

select
    job,
    load_id,
    model_name,
    cast(
        case furthest when 4 then 'Failed' when 3 then 'Complete' when 2 then 'Running' else 'Ready' end as {{ text_type(16) }}
    ) as status,
    started_at,
    ended_at,
    cast({{ elapsed_us('started_at', 'ended_at') }} as {{ float_type() }}) / 1000000 as seconds_to_end,
    delivered_records,
    accepted_records,
    duplicate_records,
    quarantined_records,
    message
from loads
