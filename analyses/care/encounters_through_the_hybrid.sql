-- The same question through the hybrid model: three relations, the fact and the two satellites in their role as dimensions.
select
    facts.encounter_id,
    encounters.encounter_kind,
    encounters.started_at,
    encounters.heart_rate,
    providers.provider_name,
    providers.department
from {{ ref('fct_patient_encounters') }} as facts
inner join {{ ref('sat_encounter') }} as encounters
    on facts.dim_patient_encounter_id = encounters.dim_patient_encounter_id
inner join {{ ref('sat_provider') }} as providers
    on facts.dim_provider_id = providers.dim_provider_id
order by facts.encounter_id
