-- Grain: one row per pair that succeeded on both sides and returned another number of rows or bytes.
select
    what_if_timestamp,
    configuration_name,
    statement_text,
    baseline_query_id,
    target_query_id,
    baseline_returned_rows,
    target_returned_rows,
    baseline_returned_bytes,
    target_returned_bytes
from {{ ref('fct_replayed_query_pairs') }}
where
    pair_class in ('compared', 'from the cache')
    and (baseline_returned_rows <> target_returned_rows or baseline_returned_bytes <> target_returned_bytes)
order by what_if_timestamp, configuration_name, statement_text, baseline_query_id
