{{ config(tags=['daily']) }}
-- Grain: one row per replay, target configuration and side: how long its queries took, over the pairs that are compared.
{%- set percentiles = {
    'p25': 0.25, 'p50': 0.5, 'p75': 0.75, 'p90': 0.9, 'p95': 0.95, 'p99': 0.99, 'p999': 0.999,
} %}
with

pairs as (

    select * from {{ ref('fct_replayed_query_pairs') }}

),

durations as (
    {% for side in ('baseline', 'target') %}
    select
        what_if_timestamp,
        configuration_name,
        '{{ side }}' as side,
        {{ side }}_query_outcome = 'timed out' as is_timeout,
        case when pair_class = 'compared' then {{ side }}_elapsed_us end as compared_us
    from pairs
    where {{ side }}_query_id is not null and pair_class <> 'not part of the target'
    {{ 'union all' if not loop.last }}
    {% endfor %}
),

placed as (

    select
        durations.*,
        cast(compared_us as {{ float_type() }}) / 1000000 as compared_seconds,
        row_number() over (partition by what_if_timestamp, configuration_name, side order by compared_us nulls last) as place,
        count(compared_us) over (partition by what_if_timestamp, configuration_name, side) as number
    from durations

)

select
    what_if_timestamp,
    configuration_name,
    cast(side as {{ text_type(16) }}) as side,
    cast(sum(case when is_timeout then 1 else 0 end) as bigint) as timed_out_queries,
    cast(count(compared_seconds) as bigint) as queries,
    cast(sum(compared_us) as {{ float_type() }}) / 1000000 / nullif(count(compared_us), 0) as mean_seconds,
    {{ exact_deviation(
        'count(compared_us)', 'sum(compared_us)', 'sum(cast(compared_us as decimal(19, 0)) * compared_us)',
        'count(compared_us) * (count(compared_us) - 1)',
    ) | indent(4) }} / 1000000 as deviation_seconds,
    min(compared_seconds) as min_seconds,
    {%- for name, fraction in percentiles.items() %}
    {{ interpolated_percentile('compared_seconds', fraction) }} as {{ name }}_seconds,
    {%- endfor %}
    max(compared_seconds) as max_seconds
from placed
group by what_if_timestamp, configuration_name, side
