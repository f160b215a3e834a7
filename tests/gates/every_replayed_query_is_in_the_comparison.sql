-- Nothing is left out and nothing counts twice: each query of a target is one row of each configuration that it is part of, and each query of
-- the baseline is one row of every configuration; those that are left out on both sides (replay_excluded_users, _databases, _query_types) are none.
with

queries as (

    select
        configurations.what_if_timestamp,
        configurations.configuration_name,
        configurations.is_baseline,
        count(*) as queries
    from {{ ref('dim_replay_configuration') }} as configurations
    inner join {{ ref('stg_replay__queries') }} as replayed
        on
            configurations.what_if_timestamp = replayed.what_if_timestamp
            and configurations.cluster_identifier = replayed.cluster_identifier
    where {{ replay_is_included('replayed') }}
    group by configurations.what_if_timestamp, configurations.configuration_name, configurations.is_baseline

),

targets as (

    select * from queries
    where not is_baseline

),

baselines as (

    select
        what_if_timestamp,
        sum(queries) as queries
    from queries
    where is_baseline
    group by what_if_timestamp

),

compared as (

    select
        what_if_timestamp,
        configuration_name,
        count(baseline_query_id) as baseline_queries,
        count(target_query_id) as target_queries
    from {{ ref('fct_replayed_query_pairs') }}
    group by what_if_timestamp, configuration_name

)

select
    targets.what_if_timestamp,
    targets.configuration_name
from targets
left join baselines
    on targets.what_if_timestamp = baselines.what_if_timestamp
left join compared
    on targets.what_if_timestamp = compared.what_if_timestamp and targets.configuration_name = compared.configuration_name
where
    compared.configuration_name is null
    or compared.target_queries <> targets.queries
    or compared.baseline_queries <> coalesce(baselines.queries, 0)
