{# The phases of a query that the history names, the whole first. #}
{% macro replay_phases() %}{{ return(['elapsed', 'queue', 'planning', 'compile', 'lock_wait', 'execution']) }}{% endmacro %}


{# What agg_replay_workload counts: name without the ending _queries, and the condition of a pair. #}
{% macro replay_counts() %}
    {{ return({
        'paired_by_tag': "pairing_method in ('replay tag', 'replay tag and verb')",
        'paired_by_hash': "(pairing_method like 'exact hash%' or pairing_method like 'query hash%')",
        'paired_by_text': "(pairing_method like 'exact text%' or pairing_method like 'statement text%' or pairing_method = 'beginning of the text')",
        'compared': "pair_class = 'compared'",
        'from_cache': "pair_class = 'from the cache'",
        'first_run': "pair_class = 'first run'",
        'new_error': "pair_class = 'new error'",
        'new_timeout': "pair_class = 'new timeout'",
        'resolved_error': "pair_class = 'resolved error'",
        'failed_in_both': "pair_class = 'failed in both'",
        'within_call': "pair_class = 'within a call'",
        'left_out': "pair_class = 'left out by the replay'",
        'missing': "pair_class = 'missing in the target'",
        'not_replayed': "pair_class = 'not part of the target'",
        'only_in_target': "pair_class = 'only in the target'",
        'improved': "change_class = 'improved'",
        'same': "change_class = 'same'",
        'degraded': "change_class = 'degraded'",
        'other_result': "pair_class = 'compared' and baseline_returned_rows <> target_returned_rows",
    }) }}
{% endmacro %}


{#
    Aggregates over pairs of a replay, for a list of columns: queries, <count>_queries of replay_counts(), and the seconds of the compared pairs
    on either side by phase. Microseconds are summed and divided once, so that a sum is the same in any order of its rows.
#}
{% macro replay_measures() -%}
    cast(count(*) as bigint) as queries,
    {%- for name, condition in replay_counts().items() %}
    cast(sum(case when {{ condition }} then 1 else 0 end) as bigint) as {{ name }}_queries,
    {%- endfor %}
    {%- for phase in replay_phases() %}
    {%- for side in ('baseline', 'target') %}
    cast(sum(case when pair_class = 'compared' then {{ side }}_{{ phase }}_us end) as {{ float_type() }}) / 1000000 as {{ side }}_{{ phase }}_seconds{{ ',' if not loop.last }}
    {%- endfor %}
    {{- ',' if not loop.last }}
    {%- endfor %}
{%- endmacro %}


{#
    Deviation from three sums of whole numbers, which have no order: sqrt((weight * squares - values^2) / divisor). The difference is taken exactly,
    so values that are all the same have the deviation 0.
    weight: number or weight of the values. values: their sum. squares: sum of their squares. divisor: weight * (weight - 1) for a sample,
    weight * weight for all there is; 0 gives null.
#}
{% macro exact_deviation(weight, values, squares, divisor) -%}
    sqrt(cast(
        cast({{ weight }} as decimal(38, 0)) * cast({{ squares }} as decimal(38, 0)) - cast({{ values }} as decimal(38, 0)) * cast({{ values }} as decimal(38, 0))
        as {{ float_type() }}
    ) / nullif(cast({{ divisor }} as {{ float_type() }}), 0))
{%- endmacro %}


{#
    Percentile of a group with linear interpolation between neighbours, as percentile_cont has it, written as an aggregate: Athena has no exact
    percentile, Redshift allows one sort order per query.
    value: expression, double precision. fraction: 0 to 1. place: row_number of the row in its group by value. number: rows of the group.
#}
{% macro interpolated_percentile(value, fraction, place='place', number='number') -%}
    sum({{ value }} * greatest(cast(0 as {{ float_type() }}), 1 - abs({{ place }} - 1 - cast({{ fraction }} as {{ float_type() }}) * ({{ number }} - 1))))
{%- endmacro %}


{#
    SELECT of the capacity of each cluster that the variable replay_capacity names: cluster_identifier, capacity_unit, capacity_units, region.
    No row where it names none. Stops for an entry without the three.
#}
{% macro replay_capacity() -%}
    {%- set empty_row -%}
        cast({{ "''" }} as {{ text_type(256) }}) as cluster_identifier,
        cast({{ "''" }} as {{ text_type(64) }}) as capacity_unit,
        cast(0 as {{ float_type() }}) as capacity_units,
        cast({{ "''" }} as {{ text_type(32) }}) as region
    {%- endset -%}
    select {{ empty_row }}
    where 1 = 0
    {%- for cluster, own in var('replay_capacity', {}).items() %}
    {%- if own is not mapping or own.get('unit') is not string or own.get('region') is not string or own.get('units') is not number or own.units <= 0 -%}
        {{ exceptions.raise_compiler_error(
            "millrace: " ~ model.name ~ ": the variable replay_capacity needs unit, units and region for each cluster, for example "
            ~ "{serverless-32: {unit: RPU, units: 32, region: us-east-1}}; got " ~ own ~ " for '" ~ cluster ~ "'."
        ) }}
    {%- endif %}

    union all

    select
        {{ sql_literal(cluster) }} as cluster_identifier,
        {{ sql_literal(own.unit) }} as capacity_unit,
        cast({{ own.units }} as {{ float_type() }}) as capacity_units,
        {{ sql_literal(own.region) }} as region
    {%- endfor %}
{%- endmacro %}


{#
    The variable replay_latency_target: {percentile: p95, seconds: 10}. Stops for a percentile that is not calculated, or for no number of seconds.
#}
{% macro replay_latency_target() -%}
    {%- set target = var('replay_latency_target', {'percentile': 'p95', 'seconds': 10}) -%}
    {%- set percentiles = ['p50', 'p90', 'p95', 'p99'] -%}
    {%- if target is not mapping or target.get('percentile') not in percentiles or target.get('seconds') is not number -%}
        {{ exceptions.raise_compiler_error(
            "millrace: " ~ model.name ~ ": the variable replay_latency_target needs a percentile (" ~ percentiles | join(', ')
            ~ ") and seconds, for example {percentile: p95, seconds: 10}; got " ~ target ~ "."
        ) }}
    {%- endif -%}
    {{ return(target) }}
{%- endmacro %}


{# The users of the variable replay_excluded_users as a list of SQL literals: system users, whose work no tool replays. #}
{% macro replay_excluded_users() -%}{{ replay_names('replay_excluded_users', ['rdsdb'], 'user names, for example [rdsdb]') }}{%- endmacro %}


{#
    Condition of a query that is compared at all: of no user, database or kind of statement that the variables replay_excluded_users,
    replay_excluded_databases and replay_excluded_query_types name. queries: alias of stg_replay__queries.
#}
{% macro replay_is_included(queries) -%}
    {{ queries }}.user_name not in ({{ replay_excluded_users() }})
        and {{ queries }}.database_name not in ({{ replay_names('replay_excluded_databases', [], 'names of databases, for example [scratch]') }})
        and coalesce({{ queries }}.query_type, 'UNKNOWN') not in ({{ replay_names('replay_excluded_query_types', [], 'kinds of statements, for example [UTILITY]') | upper }})
{%- endmacro %}


{#
    SQL of the reason why a replay never runs a statement, null for one that it runs: what the extraction of Redshift Test Drive leaves out
    (core/util/log_validation.py). statement_text: SQL expression with the normal form.
#}
{% macro replay_never_runs(statement_text) -%}
    case
        when {{ statement_text }} = '' then 'a comment alone'
        when {{ matches_pattern(statement_text, '[$][0-9]') }} then 'a statement with parameters, which its procedure or driver runs'
        when
            {{ matches_pattern(statement_text, '^show |^unlisten |^deallocate pdo_stmt_|^undo |^undoing transaction|pg_temp_|volt_|pg_terminate_backend|pg_cancel_backend') }}
            then 'what the extraction of a workload leaves out: SHOW, cancellations, internal tables'
    end
{%- endmacro %}


{# The configurations of the variable replay_reruns as a list of SQL literals: the baseline, run again. #}
{% macro replay_reruns() -%}{{ replay_names('replay_reruns', [], 'names of configurations, for example [baseline-again]') }}{%- endmacro %}


{# A variable that is a list of names, as SQL literals. Stops for what is no such list. #}
{% macro replay_names(variable, default, expected) -%}
    {%- set names = var(variable, default) -%}
    {%- if names is string or names is mapping or names is not iterable or names | reject('string') | list -%}
        {{ exceptions.raise_compiler_error(
            "millrace: " ~ model.name ~ ": the variable " ~ variable ~ " is " ~ names ~ ". It should be a list of " ~ expected ~ "."
        ) }}
    {%- endif -%}
    {%- for name in names or [''] -%}{{ sql_literal(name) }}{{ ', ' if not loop.last }}{%- endfor -%}
{%- endmacro %}
