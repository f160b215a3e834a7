-- Grain: one row per replay, target configuration, list (slowest, most improved, most degraded) and place in it, 1 to 10.
{%- set lists = {
    'slowest': 'target_elapsed_us desc',
    'most improved': 'change_us',
    'most degraded': 'change_us desc',
} %}
with

pairs as (

    select * from {{ ref('fct_replayed_query_pairs') }}
    where pair_class = 'compared'

),

placed as (
    {% for list, place in lists.items() %}
    select
        pairs.*,
        '{{ list }}' as list_name,
        row_number() over (partition by what_if_timestamp, configuration_name order by {{ place }}, baseline_query_id) as place
    from pairs
    {% if not loop.last %}
    union all
    {% endif %}
    {% endfor %}
)

select
    what_if_timestamp,
    configuration_name,
    list_name,
    place,
    user_name,
    query_type,
    statement_text,
    baseline_query_id,
    target_query_id,
    cast(baseline_elapsed_us as {{ float_type() }}) / 1000000 as baseline_elapsed_seconds,
    cast(target_elapsed_us as {{ float_type() }}) / 1000000 as target_elapsed_seconds
from placed
where place <= 10
order by what_if_timestamp, configuration_name, list_name, place
