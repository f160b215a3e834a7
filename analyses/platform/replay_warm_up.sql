-- Grain: one row per replay and target configuration: the first run of each statement that ran more than once, against its later runs.
with

pairs as (

    select
        replayed_pairs.*,
        row_number() over (
            partition by what_if_timestamp, configuration_name, statement_key
            order by target_started_at, target_query_id
        ) as run_number,
        count(*) over (partition by what_if_timestamp, configuration_name, statement_key) as runs
    from {{ ref('fct_replayed_query_pairs') }} as replayed_pairs
    where pair_class = 'compared'

)

select
    what_if_timestamp,
    configuration_name,
    {%- for side in ('baseline', 'target') %}
    {%- for phase in ('elapsed', 'compile') %}
    avg(case when run_number = 1 then cast({{ side }}_{{ phase }}_us as {{ float_type() }}) / 1000000 end) as {{ side }}_first_{{ phase }}_seconds,
    avg(case when run_number > 1 then cast({{ side }}_{{ phase }}_us as {{ float_type() }}) / 1000000 end) as {{ side }}_later_{{ phase }}_seconds,
    {%- endfor %}
    {%- endfor %}
    sum(case when run_number = 1 then 1 else 0 end) as statements
from pairs
where runs > 1
group by what_if_timestamp, configuration_name
order by what_if_timestamp, configuration_name
