-- Grain: one row per replay, target configuration and kind of statement.
select
    what_if_timestamp,
    configuration_name,
    query_type,
    sum(compared_queries) as compared_queries,
    sum(baseline_elapsed_seconds) as baseline_elapsed_seconds,
    sum(target_elapsed_seconds) as target_elapsed_seconds
from {{ ref('agg_replay_workload') }}
group by what_if_timestamp, configuration_name, query_type
order by what_if_timestamp, configuration_name, query_type
