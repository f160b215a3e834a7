-- Grain: one row per replay, target configuration, class, statement and error that only one side has.
select
    what_if_timestamp,
    configuration_name,
    pair_class,
    statement_text,
    case when pair_class = 'resolved error' then baseline_error_message else target_error_message end as error_message,
    count(*) as queries
from {{ ref('fct_replayed_query_pairs') }}
where pair_class in ('new error', 'new timeout', 'resolved error')
group by
    what_if_timestamp,
    configuration_name,
    pair_class,
    statement_text,
    case when pair_class = 'resolved error' then baseline_error_message else target_error_message end
order by what_if_timestamp asc, configuration_name asc, queries desc, statement_text asc
