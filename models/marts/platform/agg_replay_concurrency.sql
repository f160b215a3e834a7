{{ config(tags=['daily']) }}
-- Grain: one row per replay and cluster: how many queries ran at a time, each number weighted by how long it lasted.
with

stretches as (

    select * from {{ ref('fct_replay_concurrency') }}

),

levels as (

    select
        what_if_timestamp,
        cluster_identifier,
        running_queries,
        sum(seconds) as seconds
    from stretches
    group by what_if_timestamp, cluster_identifier, running_queries

),

summed as (

    select
        levels.*,
        sum(seconds) over (partition by what_if_timestamp, cluster_identifier) as all_seconds,
        sum(seconds) over (
            partition by what_if_timestamp, cluster_identifier
            order by running_queries
            rows between unbounded preceding and current row
        ) as seconds_so_far,
        sum(running_queries * seconds) over (partition by what_if_timestamp, cluster_identifier)
        / nullif(sum(seconds) over (partition by what_if_timestamp, cluster_identifier), 0) as mean_queries
    from levels

)

select
    what_if_timestamp,
    cluster_identifier,
    max(all_seconds) as observed_seconds,
    max(mean_queries) as mean_queries,
    sqrt(sum(seconds * (running_queries - mean_queries) * (running_queries - mean_queries)) / nullif(sum(seconds), 0)) as deviation_queries,
    {%- for name, fraction in {'p25': 0.25, 'p50': 0.5, 'p75': 0.75, 'p95': 0.95}.items() %}
    min(case when seconds_so_far >= {{ fraction }} * all_seconds then running_queries end) as {{ name }}_queries,
    {%- endfor %}
    max(case when seconds > 0 then running_queries end) as max_queries
from summed
group by what_if_timestamp, cluster_identifier
