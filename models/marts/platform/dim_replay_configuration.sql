{{ config(tags=['daily']) }}
-- Grain: one row per replay, configuration and cluster in it. A cluster is a configuration of its own; several together are one where the
-- variable replay_configurations says so.
{%- set configurations = var('replay_configurations', {}) %}
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

)

select
    what_if_timestamp,
    cast(configuration_name as {{ text_type(256) }}) as configuration_name,
    cluster_identifier,
    cluster_identifier like '{{ var('replay_baseline', 'baseline') }}%' and configuration_name = cluster_identifier as is_baseline,
    first_started_at,
    last_ended_at
from named
