-- Grain: one row per replay and target configuration: what came from the result cache on either side, and how long the same statements took
-- where they did not.
with

pairs as (

    select * from {{ ref('fct_replayed_query_pairs') }}
    where pair_class in ('compared', 'from the cache')

),

cached_statements as (

    select distinct
        what_if_timestamp,
        configuration_name,
        statement_key
    from pairs
    where pair_class = 'from the cache'

)

select
    pairs.what_if_timestamp,
    pairs.configuration_name,
    {%- for side in ('baseline', 'target') %}
    sum(case when pairs.{{ side }}_is_from_cache then 1 else 0 end) as {{ side }}_cached_queries,
    avg(case when pairs.{{ side }}_is_from_cache then cast(pairs.{{ side }}_elapsed_us as {{ float_type() }}) / 1000000 end) as {{ side }}_cached_mean_seconds,
    avg(case when not pairs.{{ side }}_is_from_cache then cast(pairs.{{ side }}_elapsed_us as {{ float_type() }}) / 1000000 end) as {{ side }}_computed_mean_seconds,
    {%- endfor %}
    count(*) as queries
from pairs
inner join cached_statements
    on
        pairs.what_if_timestamp = cached_statements.what_if_timestamp
        and pairs.configuration_name = cached_statements.configuration_name
        and pairs.statement_key = cached_statements.statement_key
group by pairs.what_if_timestamp, pairs.configuration_name
order by pairs.what_if_timestamp, pairs.configuration_name
