-- Grain: one row per replay, target configuration and phase: seconds of the compared pairs on either side. Compilation that a side counts within its
-- execution is part of both.
{%- set phases = ['elapsed', 'queue', 'planning', 'compile', 'lock_wait', 'execution', 'residual'] %}
with

comparison as (

    select * from {{ ref('agg_replay_comparison') }}

),

phases as (

    {%- for phase in phases %}

    select
        what_if_timestamp,
        configuration_name,
        {{ loop.index }} as phase_number,
        '{{ phase | replace('_', ' ') }}' as phase,
        compared_queries,
        baseline_{{ phase }}_seconds as baseline_seconds,
        target_{{ phase }}_seconds as target_seconds
    from comparison
    {%- if not loop.last %}

    union all
    {%- endif %}
    {%- endfor %}

)

select
    what_if_timestamp,
    configuration_name,
    phase,
    compared_queries,
    baseline_seconds,
    target_seconds,
    baseline_seconds - target_seconds as saved_seconds
from phases
order by what_if_timestamp, configuration_name, phase_number
