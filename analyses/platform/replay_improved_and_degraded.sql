-- Grain: one row per replay and target configuration: how many compared pairs improved, stayed the same and degraded, and which share of them.
select
    what_if_timestamp,
    configuration_name,
    compared_queries,
    {%- for change in ['improved', 'same', 'degraded'] %}
    {{ change }}_queries,
    cast({{ change }}_queries as {{ float_type() }}) / nullif(compared_queries, 0) as {{ change }}_share,
    {%- endfor %}
    saved_seconds
from {{ ref('agg_replay_comparison') }}
order by what_if_timestamp, configuration_name
