{{ config(tags=['daily']) }}
-- Grain: one row per replay, configuration and cluster in it. A cluster is a configuration of its own; several together are one where the
-- variable replay_configurations says so. A rerun is the baseline, run again: the variable replay_reruns names it, or it has the same capacity.
{%- set configurations = var('replay_configurations', {}) %}
{%- set baseline = var('replay_baseline', 'baseline') %}
{%- set reruns = replay_reruns() %}
with

clusters as (

    select
        what_if_timestamp,
        cluster_identifier,
        min(started_at) as first_started_at,
        max(ended_at) as last_ended_at
    from {{ ref('stg_replay__queries') }}
    group by what_if_timestamp, cluster_identifier

),

named as (

    select
        clusters.*,
        cluster_identifier as configuration_name
    from clusters
    {%- for name, members in configurations.items() %}

    union all

    select
        clusters.*,
        '{{ name }}' as configuration_name
    from clusters
    where cluster_identifier in ('{{ members | join("', '") }}')
    {%- endfor %}

),

capacity as (

    {{ replay_capacity() | indent(4) }}

),

sides as (

    select
        named.*,
        -- the name as it stands: in a pattern an underscore would be any letter
        substring(named.cluster_identifier, 1, {{ baseline | length }}) = {{ sql_literal(baseline) }}
        and named.configuration_name = named.cluster_identifier as is_baseline,
        capacity.capacity_unit,
        capacity.capacity_units,
        capacity.region
    from named
    left join capacity
        on named.cluster_identifier = capacity.cluster_identifier

),

baselines as (

    select
        what_if_timestamp,
        min(capacity_unit) as capacity_unit,
        min(capacity_units) as capacity_units,
        min(region) as region
    from sides
    where is_baseline
    group by what_if_timestamp

)

select
    sides.what_if_timestamp,
    cast(sides.configuration_name as {{ text_type(256) }}) as configuration_name,
    sides.cluster_identifier,
    sides.is_baseline,
    not sides.is_baseline and (
        sides.configuration_name in ({{ reruns }})
        or coalesce(
            sides.configuration_name = sides.cluster_identifier
            and sides.capacity_unit = baselines.capacity_unit
            and sides.capacity_units = baselines.capacity_units
            and sides.region = baselines.region,
            false
        )
    ) as is_rerun,
    sides.first_started_at,
    sides.last_ended_at
from sides
left join baselines
    on sides.what_if_timestamp = baselines.what_if_timestamp
