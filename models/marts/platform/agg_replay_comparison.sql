{{ config(tags=['daily']) }}
-- Grain: one row per replay and target configuration: what of the workload was compared, and what it took on either side, in seconds.
with

workload as (

    select * from {{ ref('agg_replay_workload') }}

),

summed as (

    select
        what_if_timestamp,
        configuration_name,
        cast(sum(queries) as bigint) as queries,
        {%- for name in replay_counts() %}
        cast(sum({{ name }}_queries) as bigint) as {{ name }}_queries,
        {%- endfor %}
        {%- for phase in replay_phases() %}
        {%- for side in ('baseline', 'target') %}
        sum({{ side }}_{{ phase }}_seconds) as {{ side }}_{{ phase }}_seconds{{ ',' if not loop.last }}
        {%- endfor %}
        {{- ',' if not loop.last }}
        {%- endfor %}
    from workload
    group by what_if_timestamp, configuration_name

)

select
    summed.*,
    -- what the phases do not explain
    {%- for side in ('baseline', 'target') %}
    {{ side }}_elapsed_seconds
    {%- for phase in replay_phases()[1:] %} - coalesce({{ side }}_{{ phase }}_seconds, 0){% endfor %} as {{ side }}_residual_seconds,
    {%- endfor %}
    baseline_elapsed_seconds - target_elapsed_seconds as saved_seconds
from summed
