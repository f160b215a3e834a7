{#
    What is the same in all runs of a statement: its text without comments (and with them the markers of a replay), with each literal,
    number and list of these as ?, with the names of temporary tables as the variable replay_temporary_names has them, in small letters, white
    space as one blank. Two statements with the same normalised text differ in their values alone; its digest is the key of the statement.
    text: SQL expression with the statement.
#}
{% macro normalised_statement(text) -%}
    {#- a quote is doubled in a literal: to the eye of a pattern, literals side by side -#}
    {%- set literal = "('[^']*')+" -%}
    {#- one pass over literals and comments, so that neither is looked for inside the other: literals stay, comments go -#}
    {%- set literal_or_comment = sql_literal('(' ~ literal ~ ')|/[*][^*]*[*]+([^/*][^*]*[*]+)*/|--[^') ~ " || chr(10) || ']*'" -%}
    {%- set steps = namespace(sql=replace_pattern(text, literal_or_comment, '\\1 ', is_expression=true)) -%}
    {%- set steps.sql = replace_pattern(steps.sql, literal, '?') -%}
    {%- set steps.sql = "translate(lower(" ~ steps.sql ~ "), chr(9) || chr(10) || chr(13), '   ')" -%}
    {%- for pattern, name in var('replay_temporary_names', {}).items() -%}
        {%- set steps.sql = replace_pattern(steps.sql, pattern, name) -%}
    {%- endfor -%}
    {%- set steps.sql = replace_pattern(steps.sql, '(^|[^a-z0-9_$."])[0-9]+([.][0-9]*)?(e[+-]?[0-9]+)?', '\\1?') -%}
    {%- set steps.sql = replace_pattern(steps.sql, ' +', ' ') -%}
    {%- set steps.sql = replace_pattern(steps.sql, '[(] ?[?]( ?, ?[?])* ?[)]', '(?)') -%}
    {%- set steps.sql = replace_pattern(steps.sql, '[(][?][)]( ?, ?[(][?][)])+', '(?)') -%}
    {{ replace_pattern(steps.sql, '^ +|[ ;]+$', '') }}
{%- endmacro %}


{# Name of a folder above a file of a replay: 1 the cluster's, 2 the what-if timestamp's; null where the path has none. #}
{% macro replay_folder(landing_file, levels_up) -%}
    nullif(reverse(split_part(reverse({{ landing_file }}), '/', {{ levels_up + 1 }})), '')
{%- endmacro %}


{#
    What a replay says of the query in the comment that it puts before it: `<transaction>-<query>` of the recorded workload, null without it. Redshift
    Test Drive writes the transaction as a text: /* {"xid": "2612671", "query_idx": 0, "replay_start": ..., "source": "Test-Drive"} */
    (core/replay/connection_thread.py); Simple Replay, and versions before May 2023, have no source, and some have the transaction as a number.
    Statements that were one query there have the same tag.
    query_text: SQL expression with the statement.
#}
{% macro replay_tag(query_text) -%}
    {%- set parts = [] -%}
    {%- for name in ('xid', 'query_idx') -%}
        {#- the value ends at the comma behind it, or at the object's end; around it are blanks, and quotes where it is a text -#}
        {%- set value = "split_part(split_part(split_part(" ~ query_text ~ ", '\"" ~ name ~ "\":', 2), ',', 1), '}', 1)" -%}
        {%- do parts.append("replace(replace(" ~ value ~ ", ' ', ''), '\"', '')") -%}
    {%- endfor -%}
    {%- set tag = parts | join(" || '-' || ") -%}
    case when {{ query_text }} like '/*%"replay_start"%*/%' and {{ matches_pattern(tag, '^[0-9]{1,18}-[0-9]{1,18}$') }} then {{ tag }} end
{%- endmacro %}
