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
    cast(count(*) as bigint) as queries,
    {%- for name, condition in replay_counts().items() %}
    cast(sum(case when {{ condition }} then 1 else 0 end) as bigint) as {{ name }}_queries,
    {%- endfor %}
    {%- for phase in replay_phases() %}
    {%- for side in ('baseline', 'target') %}
    cast(sum(case when pair_class = 'compared' then {{ side }}_{{ phase }}_us end) as {{ float_type() }}) / 1000000 as {{ side }}_{{ phase }}_seconds{{ ',' if not loop.last }}
    {%- endfor %}
    {{- ',' if not loop.last }}
    {%- endfor %}
from pairs
group by what_if_timestamp, configuration_name, user_name, query_type
