{{ config(tags=['daily']) }}
-- Grain: one row per replay, target configuration, user and kind of statement: what of the workload was compared, and what it took on either
-- side, in seconds.
with

pairs as (

    select * from {{ ref('fct_replayed_query_pairs') }}

)

select
    what_if_timestamp,
    configuration_name,
    user_name,
    query_type,
    {{ replay_measures() }}
from pairs
group by what_if_timestamp, configuration_name, user_name, query_type
