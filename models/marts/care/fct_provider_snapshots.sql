{{ config(dist='provider_hk', sort='snapshot_at', tags=['daily']) }}
-- Grain: one row per provider and snapshot: how many encounters were the provider's then (periodic snapshot fact).
with

encounters as (

    select
        bridge.snapshot_at,
        bridge.provider_hk,
        bridge.patient_hk,
        details.ended_at
    from {{ ref('bridge_encounter') }} as bridge
    inner join {{ ref('pit_encounter') }} as pit
        on bridge.encounter_hk = pit.encounter_hk and bridge.snapshot_at = pit.snapshot_at
    inner join {{ ref('sat_encounter') }} as details
        on pit.dim_patient_encounter_id = details.dim_patient_encounter_id
    inner join {{ ref('sat_encounter_status') }} as statuses
        on pit.encounter_status_id = statuses.encounter_status_id
    where not coalesce(statuses.is_deleted, false)

)

select
    provider_hk,
    snapshot_at,
    count(*) as encounters,
    cast(sum(case when ended_at is null or ended_at > snapshot_at then 1 else 0 end) as bigint) as open_encounters,
    count(distinct patient_hk) as patients
from encounters
group by provider_hk, snapshot_at
