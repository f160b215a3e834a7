-- Grain: one row per replay, target configuration and degree of change: the target's time less the baseline's, over the baseline's.
{%- set degrees = {
    '1 more than 50 % faster': 'changed_by < -0.5',
    '2 20 to 50 % faster': 'changed_by < -0.2',
    '3 5 to 20 % faster': 'changed_by < -0.05',
    '4 within 5 %': 'changed_by <= 0.05',
    '5 5 to 20 % slower': 'changed_by <= 0.2',
    '6 20 to 50 % slower': 'changed_by <= 0.5',
} %}
with

changes as (

    select
        what_if_timestamp,
        configuration_name,
        change_us,
        cast(change_us as {{ float_type() }}) / nullif(baseline_elapsed_us, 0) as changed_by
    from {{ ref('fct_replayed_query_pairs') }}
    where pair_class = 'compared'

),

graded as (

    select
        what_if_timestamp,
        configuration_name,
        change_us,
        case
            when changed_by is null then '8 from no time'
            {%- for degree, condition in degrees.items() %}
            when {{ condition }} then '{{ degree }}'
            {%- endfor %}
            else '7 more than 50 % slower'
        end as degree
    from changes

)

select
    what_if_timestamp,
    configuration_name,
    degree,
    count(*) as queries,
    cast(count(*) as {{ float_type() }}) / sum(count(*)) over (partition by what_if_timestamp, configuration_name) as queries_share,
    cast(sum(change_us) as {{ float_type() }}) / 1000000 as change_seconds
from graded
group by what_if_timestamp, configuration_name, degree
order by what_if_timestamp, configuration_name, degree
