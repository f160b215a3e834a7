-- Which provider saw which encounter, as both were when it began: five relations, link, two hubs and two satellites.
with

providers as (

    {{ versions_for_facts(
        ref('sat_provider'), 'provider_hk', 'dim_provider_id', ['change_order'], ['provider_name', 'department']
    ) }}

),

encounters as (

    {{ satellite_versions(
        ref('sat_encounter'), 'encounter_hk', ['encounter_kind', 'started_at', 'heart_rate'], ['change_order']
    ) }}

),

relationships as (

    -- the link, with the effectivity that says which of its rows holds
    {{ satellite_versions(
        ref('sat_patient_encounter'), 'patient_encounter_hk',
        ['encounter_hk', 'provider_hk', 'is_effective', 'change_order'], ['change_order']
    ) }}

),

stated_last as (

    select
        encounter_hk,
        provider_hk,
        row_number() over (partition by encounter_hk order by valid_from desc, change_order desc) as steps_back
    from relationships
    where is_effective

)

select
    hub_encounter.encounter_id,
    encounters.encounter_kind,
    encounters.started_at,
    encounters.heart_rate,
    providers.provider_name,
    providers.department
from stated_last
inner join {{ ref('hub_provider') }} as hub_provider
    on stated_last.provider_hk = hub_provider.provider_hk
inner join {{ ref('hub_encounter') }} as hub_encounter
    on stated_last.encounter_hk = hub_encounter.encounter_hk
inner join encounters
    on hub_encounter.encounter_hk = encounters.encounter_hk and encounters.is_current
left join providers
    on
        hub_provider.provider_hk = providers.provider_hk
        and {{ valid_at('providers', 'encounters.started_at') }}
where stated_last.steps_back = 1
order by hub_encounter.encounter_id
