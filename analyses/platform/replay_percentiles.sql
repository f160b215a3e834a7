-- Grain: one row per replay, target configuration and percentile of the elapsed seconds of the compared pairs, both sides beside each other.
{%- set percentiles = ['p25', 'p50', 'p75', 'p90', 'p95', 'p99', 'p999'] %}
with

sides as (

    select * from {{ ref('agg_replay_durations') }}

),

percentiles as (

    {%- for percentile in percentiles %}

    select
        what_if_timestamp,
        configuration_name,
        {{ loop.index }} as percentile_number,
        '{{ percentile }}' as percentile,
        max(case when side = 'baseline' then {{ percentile }}_seconds end) as baseline_seconds,
        max(case when side = 'target' then {{ percentile }}_seconds end) as target_seconds
    from sides
    group by what_if_timestamp, configuration_name
    {%- if not loop.last %}

    union all
    {%- endif %}
    {%- endfor %}

)

select
    what_if_timestamp,
    configuration_name,
    percentile,
    baseline_seconds,
    target_seconds,
    (target_seconds - baseline_seconds) / nullif(baseline_seconds, 0) as changed_by
from percentiles
order by what_if_timestamp, configuration_name, percentile_number
