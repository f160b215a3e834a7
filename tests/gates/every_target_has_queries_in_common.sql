-- A target that shares no query with the baseline replayed another workload, or its queries are unloaded without their texts.
select
    what_if_timestamp,
    configuration_name,
    queries
from {{ ref('agg_replay_comparison') }}
where paired_by_tag_queries + paired_by_hash_queries + paired_by_text_queries = 0
