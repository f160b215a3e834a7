{#
    Times analyses, as a rule some that answer one question in several ways, and records of each how many relations it reads, how many
    joins it takes, how many rows it has and how long the engine needs for them: operations.analysis_timings. What is timed is a count of
    the answer's rows and of the values of each of its columns, so that all of them are computed and none travels; the columns are those
    that the analysis's YAML states. The first run, which warms up, does not count, and results are not taken from a cache.

    dbt run-operation time_analyses --args '{analyses: [encounters_through_the_vault, encounters_through_the_hybrid], repeats: 5}'

    analyses: names. repeats: runs of each that count, in turns.
#}
{% macro time_analyses(analyses, repeats=5) %}
    {%- if repeats is not integer or repeats < 1 -%}{{ refuse_operation('time_analyses', 'repeats', repeats, 'a whole number from 1 on') }}{%- endif -%}
    {%- do ensure_operations_tables(always=true) -%}
    {%- do no_result_cache() -%}
    {%- set names = [analyses] if analyses is string else analyses -%}
    {%- set timed = [] -%}
    {%- for name in names -%}
        {%- do timed.append(analysis_to_time(name)) -%}
    {%- endfor -%}
    {%- for run in range(repeats + 1) -%}
        {%- for analysis in timed -%}
            {%- set started = modules.datetime.datetime.now() -%}
            {%- set answer = run_query(analysis.query).rows[0] -%}
            {%- set seconds = (modules.datetime.datetime.now() - started).total_seconds() -%}
            {%- do analysis.update({'answer_rows': answer[0] | int}) -%}
            {%- if run > 0 -%}{%- do analysis.seconds.append(seconds) -%}{%- endif -%}
        {%- endfor -%}
    {%- endfor -%}
    {%- for analysis in timed -%}
        {%- do run_query(record_analysis_timing(analysis)) -%}
        {{ log("millrace: " ~ analysis.name ~ ": " ~ analysis.joins ~ " joins of " ~ analysis.relations ~ " relations, " ~ analysis.answer_rows
            ~ " rows, " ~ '%.4f' | format(median_of(analysis.seconds)) ~ " s", info=true) }}
    {%- endfor -%}
    {%- do commit_operation() -%}
{% endmacro %}


{# What there is to know of an analysis before it is timed. #}
{% macro analysis_to_time(name) %}
    {%- set node = graph.nodes.get('analysis.' ~ project_name ~ '.' ~ name) -%}
    {%- if not node or not node.columns -%}
        {{ refuse_operation('time_analyses', 'analyses', name, "the name of an analysis whose YAML states its columns") }}
    {%- endif -%}
    {%- set sql = render(node.raw_code) -%}
    {%- set query -%}
select
    count(*) as answer_rows
    {%- for column in node.columns %},
    count({{ column }}) as with_{{ column }}
    {%- endfor %}
from (
{{ sql }}
) as answer
    {%- endset -%}
    {{ return({
        'name': name, 'query': query, 'relations': node.depends_on.nodes | length, 'seconds': [],
        'joins': modules.re.findall('\\bjoin\\b', modules.re.sub('--[^\n]*', '', sql) | lower) | length,
    }) }}
{% endmacro %}


{# The middle one of some numbers, or the mean of the two in the middle. #}
{% macro median_of(numbers) %}
    {%- set ordered = numbers | sort -%}
    {%- set half = ordered | length // 2 -%}
    {{ return(ordered[half] if ordered | length % 2 else (ordered[half - 1] + ordered[half]) / 2) }}
{% endmacro %}


{# Statement that records what was measured of an analysis. #}
{% macro record_analysis_timing(analysis) -%}
insert into {{ operations_relation('analysis_timings') }}
select
    cast('{{ analysis.name }}' as {{ text_type(256) }}) as analysis_name,
    cast({{ analysis.relations }} as bigint) as relations,
    cast({{ analysis.joins }} as bigint) as joins,
    cast({{ analysis.answer_rows }} as bigint) as answer_rows,
    cast({{ analysis.seconds | length }} as bigint) as repeats,
    cast({{ median_of(analysis.seconds) }} as {{ float_type() }}) as median_seconds,
    cast({{ analysis.seconds | min }} as {{ float_type() }}) as fastest_seconds,
    cast('{{ invocation_id }}' as {{ text_type(64) }}) as load_id,
    cast({{ now_utc() }} as {{ timestamp_type() }}) as recorded_at
{%- endmacro %}


{# Lets the engine compute each answer, not remember it. #}
{% macro no_result_cache() %}{{ return(adapter.dispatch('no_result_cache', 'millrace')()) }}{% endmacro %}

{% macro default__no_result_cache() %}{{ return('') }}{% endmacro %}

{% macro redshift__no_result_cache() %}
    {%- do run_query('set enable_result_cache_for_session to off') -%}
{% endmacro %}
