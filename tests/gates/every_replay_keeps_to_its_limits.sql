-- The variable replay_limits says what a target may not exceed, by its name or for every one under '*'; a replay that does fails the command, and
-- with it what waits for its exit code. Without limits nothing is refused.
{%- set measures = {
    'new_errors': 'new_error_queries + new_timeout_queries',
    'missing': 'missing_queries',
    'degraded_share': 'cast(degraded_queries as ' ~ float_type() ~ ') / nullif(compared_queries, 0)',
    'elapsed_ratio': 'target_elapsed_seconds / nullif(baseline_elapsed_seconds, 0)',
} %}
{%- set limits = [] %}
{%- for configuration, own in var('replay_limits', {}).items() %}
{%- for name, limit in own.items() %}
{%- if name not in measures %}
{{ exceptions.raise_compiler_error(
    "millrace: the variable replay_limits: '" ~ name ~ "' of '" ~ configuration ~ "' is not known. Use " ~ measures.keys() | join(', ') ~ "."
) }}
{%- endif %}
{%- do limits.append((configuration, name, limit)) %}
{%- endfor %}
{%- endfor %}
with

comparison as (

    select * from {{ ref('agg_replay_comparison') }}

)

select
    what_if_timestamp,
    configuration_name,
    'none' as measure,
    cast(0 as {{ float_type() }}) as found,
    cast(0 as {{ float_type() }}) as allowed
from comparison
where 1 = 0
{%- for configuration, name, limit in limits %}

union all

select
    what_if_timestamp,
    configuration_name,
    '{{ name }}' as measure,
    cast({{ measures[name] }} as {{ float_type() }}) as found,
    cast({{ limit }} as {{ float_type() }}) as allowed
from comparison
where
    {{ measures[name] }} > {{ limit }}
    {%- if configuration != '*' %}
    and configuration_name = '{{ configuration }}'
    {%- endif %}
{%- endfor %}
