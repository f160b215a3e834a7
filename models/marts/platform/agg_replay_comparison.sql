{{ config(tags=['daily']) }}
-- Grain: one row per replay and target configuration: what of the workload was compared, and what it took on either side, in seconds.
{%- set columns = ['what_if_timestamp', 'configuration_name', 'queries'] %}
{%- for name in replay_counts() %}{% do columns.append(name ~ '_queries') %}{% endfor %}
{%- for phase in replay_phases() %}
{%- do columns.extend(['baseline_' ~ phase ~ '_seconds', 'target_' ~ phase ~ '_seconds']) %}
{%- endfor %}
with

pairs as (

    select * from {{ ref('fct_replayed_query_pairs') }}

),

-- from the pairs and not from sums by user: sums of whole microseconds have no order
summed as (

    select
        what_if_timestamp,
        configuration_name,
        {{ replay_measures() | indent(4) }}
    from pairs
    group by what_if_timestamp, configuration_name

),

-- of some warehouses the compilation is part of the execution: there all phases are longer than the whole
explained as (

    select
        summed.*,
        {%- for side in ('baseline', 'target') %}
        {% for phase in replay_phases()[1:] %}{{ ' + ' if not loop.first }}coalesce({{ side }}_{{ phase }}_seconds, 0){% endfor %} as {{ side }}_explained_seconds{{ ',' if not loop.last }}
        {%- endfor %}
    from summed

),

decided as (

    select
        explained.*,
        {%- for side in ('baseline', 'target') %}
        coalesce({{ side }}_compile_seconds > 0 and {{ side }}_explained_seconds > 1.001 * {{ side }}_elapsed_seconds, false) as {{ side }}_compiles_while_executing{{ ',' if not loop.last }}
        {%- endfor %}
    from explained

)

select
    {%- for column in columns %}
    {{ column }},
    {%- endfor %}
    {%- for side in ('baseline', 'target') %}
    {{ side }}_compiles_while_executing,
    greatest(
        {{ side }}_elapsed_seconds - {{ side }}_explained_seconds
        + case when {{ side }}_compiles_while_executing then {{ side }}_compile_seconds else 0 end,
        0
    ) as {{ side }}_residual_seconds,
    {%- endfor %}
    baseline_elapsed_seconds - target_elapsed_seconds as saved_seconds
from decided
