{{ config(
    materialized='incremental',
    incremental_strategy='merge',
    unique_key='encounter_hk',
    dist='encounter_hk',
    sort='started_on',
    tags=['daily'],
) }}
-- Grain: one row per encounter, with the versions of its patient and its provider that were valid when it began.
with

turns as (

    select
        encounter_hk,
        patient_hk,
        provider_hk
    from {{ ref('sat_patient_encounter') }}

),

changed_members as (

    select turns.encounter_hk
    from turns
    inner join {{ ref('sat_patient') }} as satellite
        on turns.patient_hk = satellite.patient_hk
    where {{ is_new_record(ref('sat_patient'), 'satellite') }}

    union all

    select turns.encounter_hk
    from turns
    inner join {{ ref('sat_provider') }} as satellite
        on turns.provider_hk = satellite.provider_hk
    where {{ is_new_record(ref('sat_provider'), 'satellite') }}

),

touched as (

    -- looked for with IN alone, so that doubles do no harm
    select encounter_hk from changed_members

    union all

    select satellite.encounter_hk
    from {{ ref('sat_patient_encounter') }} as satellite
    where {{ is_new_record(ref('sat_patient_encounter'), 'satellite') }}

    union all

    select satellite.encounter_hk
    from {{ ref('sat_encounter') }} as satellite
    where {{ is_new_record(ref('sat_encounter'), 'satellite') }}

    union all

    select satellite.encounter_hk
    from {{ ref('sat_encounter_status') }} as satellite
    where {{ is_new_record(ref('sat_encounter_status'), 'satellite') }}

    union all

    select satellite.encounter_hk
    from {{ ref('sat_encounter_triage') }} as satellite
    where {{ is_new_record(ref('sat_encounter_triage'), 'satellite') }}

),

touched_links as (

    select patient_encounter_hk
    from {{ ref('sat_patient_encounter') }}
    where encounter_hk in (select touched.encounter_hk from touched)

),

relationships as (

    {{ satellite_versions(
        ref('sat_patient_encounter'), 'patient_encounter_hk',
        ['encounter_hk', 'patient_hk', 'provider_hk', 'is_effective', 'change_order'], ['change_order'], keys='touched_links'
    ) }}

),

numbered_relationships as (

    -- the relationship stated last, also where a delete ended it
    select
        relationships.*,
        row_number() over (partition by encounter_hk order by valid_from desc, change_order desc) as steps_back
    from relationships
    where is_effective

),

encounters as (

    {{ satellite_versions(
        ref('sat_encounter'), 'encounter_hk', ['dim_patient_encounter_id', 'started_at', 'ended_at', 'heart_rate', 'glucose'],
        ['change_order'], keys='touched'
    ) }}

),

statuses as (

    {{ satellite_versions(ref('sat_encounter_status'), 'encounter_hk', ['is_deleted'], ['change_order'], keys='touched') }}

),

triages as (

    {{ satellite_versions(
        ref('sat_encounter_triage'), 'encounter_hk', ['is_critical'], ['change_order'], keys='touched',
        where="rule_version = '" ~ var('triage_rule_version') ~ "'"
    ) }}

),

current_encounters as (

    select
        hub.encounter_hk,
        hub.encounter_id,
        numbered_relationships.patient_hk,
        numbered_relationships.provider_hk,
        encounters.dim_patient_encounter_id,
        encounters.started_at,
        encounters.ended_at,
        encounters.heart_rate,
        encounters.glucose,
        triages.is_critical,
        statuses.is_deleted
    from {{ ref('hub_encounter') }} as hub
    inner join encounters
        on hub.encounter_hk = encounters.encounter_hk and encounters.is_current
    left join numbered_relationships
        on hub.encounter_hk = numbered_relationships.encounter_hk and numbered_relationships.steps_back = 1
    left join statuses
        on hub.encounter_hk = statuses.encounter_hk and statuses.is_current
    left join triages
        on hub.encounter_hk = triages.encounter_hk and triages.is_current

),

patients as (

    {{ versions_for_facts(
        ref('sat_patient'), 'patient_hk', 'dim_patient_id', ['change_order'], keys='numbered_relationships'
    ) }}

),

providers as (

    {{ versions_for_facts(
        ref('sat_provider'), 'provider_hk', 'dim_provider_id', ['change_order'], keys='numbered_relationships'
    ) }}

)

select
    -- ids
    current_encounters.encounter_hk,
    current_encounters.encounter_id,
    coalesce(current_encounters.patient_hk, '{{ zero_key() }}') as patient_hk,
    coalesce(current_encounters.provider_hk, '{{ zero_key() }}') as provider_hk,
    current_encounters.dim_patient_encounter_id,
    coalesce(patients.dim_patient_id, '{{ zero_key() }}') as dim_patient_id,
    coalesce(providers.dim_provider_id, '{{ zero_key() }}') as dim_provider_id,
    -- numerics
    current_encounters.heart_rate,
    current_encounters.glucose,
    {{ elapsed_minutes('current_encounters.started_at', 'current_encounters.ended_at') }} as duration_minutes,
    -- booleans
    current_encounters.is_critical,
    coalesce(current_encounters.is_deleted, false) as is_deleted,
    -- timestamps
    current_encounters.started_at,
    cast(current_encounters.started_at as date) as started_on,
    current_encounters.ended_at
from current_encounters
left join patients
    on
        current_encounters.patient_hk = patients.patient_hk
        and {{ valid_at('patients', 'current_encounters.started_at') }}
left join providers
    on
        current_encounters.provider_hk = providers.provider_hk
        and {{ valid_at('providers', 'current_encounters.started_at') }}
