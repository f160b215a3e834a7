{{ config(tags=['daily']) }}
-- Grain: one row per replay and cluster: how many queries ran at a time, each number weighted by how long it lasted.
with

stretches as (

    select * from {{ ref('fct_replay_concurrency') }}

),

-- whole microseconds: their sums have no order
levels as (

    select
        what_if_timestamp,
        cluster_identifier,
        running_queries,
        cast(sum({{ elapsed_us('valid_from', 'valid_to') }}) as bigint) as elapsed_us
    from stretches
    group by what_if_timestamp, cluster_identifier, running_queries

),

summed as (

    select
        levels.*,
        sum(elapsed_us) over (partition by what_if_timestamp, cluster_identifier) as all_us,
        sum(elapsed_us) over (
            partition by what_if_timestamp, cluster_identifier
            order by running_queries
            rows between unbounded preceding and current row
        ) as us_so_far
    from levels

)

select
    what_if_timestamp,
    cluster_identifier,
    cast(sum(elapsed_us) as {{ float_type() }}) / 1000000 as observed_seconds,
    cast(sum(elapsed_us * running_queries) as {{ float_type() }}) / nullif(sum(elapsed_us), 0) as mean_queries,
    {{ exact_deviation(
        'sum(elapsed_us)', 'sum(elapsed_us * running_queries)', 'sum(elapsed_us * running_queries * running_queries)',
        'cast(sum(elapsed_us) as ' ~ float_type() ~ ') * sum(elapsed_us)',
    ) | indent(4) }} as deviation_queries,
    {%- for name, fraction in {'p25': 0.25, 'p50': 0.5, 'p75': 0.75, 'p95': 0.95}.items() %}
    min(case when us_so_far >= cast({{ fraction }} as {{ float_type() }}) * all_us then running_queries end) as {{ name }}_queries,
    {%- endfor %}
    max(case when elapsed_us > 0 then running_queries end) as max_queries
from summed
group by what_if_timestamp, cluster_identifier
