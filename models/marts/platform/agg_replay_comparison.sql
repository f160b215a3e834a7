{{ config(tags=['daily']) }}
-- Grain: one row per replay and target configuration: what of the workload was compared, and what it took on either side, in seconds.
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
