{#
    What is the same in all runs of a statement: its text without comments (and with them the markers of a replay), with each literal,
    number and list of these as ?, with the names of temporary tables as the variable replay_temporary_names has them, in small letters, white
    space as one blank, and whatever credentials a COPY or UNLOAD has as iam_role ?. Two statements with the same normalised text differ in their values
    alone; its digest is the key of the statement.
    text: SQL expression with the statement. is_plain: whether it is plain_statement() of it.
#}
{% macro normalised_statement(text, is_plain=false) -%}
    {%- set steps = namespace(sql=text if is_plain else plain_statement(text)) -%}
    {%- set steps.sql = replace_pattern(steps.sql, literal_pattern(), '?') -%}
    {%- for pattern, name in var('replay_temporary_names', {}).items() -%}
        {%- set steps.sql = replace_pattern(steps.sql, pattern, name) -%}
    {%- endfor -%}
    {%- set steps.sql = replace_pattern(steps.sql, '(^|[^a-z0-9_$."])[0-9]+([.][0-9]*)?(e[+-]?[0-9]+)?', '\\1?') -%}
    {%- set steps.sql = replace_pattern(steps.sql, credentials_pattern('[?]'), ' iam_role ?') -%}
    {%- set steps.sql = replace_pattern(steps.sql, '[(] ?[?]( ?, ?[?])* ?[)]', '(?)') -%}
    {%- set steps.sql = replace_pattern(steps.sql, '[(][?][)]( ?, ?[(][?][)])+', '(?)') -%}
    {{ replace_pattern(steps.sql, '^ +|[ ;]+$', '') }}
{%- endmacro %}


{# Pattern of a literal: a quote is doubled in it, to the eye of a pattern literals side by side. #}
{% macro literal_pattern() %}{{ return("('[^']*')+") }}{% endmacro %}


{#
    Pattern of what gives a COPY or UNLOAD its rights, in small letters, in each form that Redshift Test Drive puts an IAM_ROLE in the place of
    (core/replay/transactions_parser.py). literal: pattern of a literal.
#}
{% macro credentials_pattern(literal) -%}
    {%- set value = '( as)? ?' ~ literal -%}
    {{ return(
        ' ?(with )?((credentials|iam_role)' ~ value ~ '|access_key_id' ~ value ~ ' ?secret_access_key' ~ value
        ~ '( ?(session_token|token)' ~ value ~ ')?)'
    ) }}
{%- endmacro %}


{# A statement without comments, a blank in the place of each. text: SQL expression with the statement. #}
{% macro statement_without_comments(text) -%}
    {#- one pass over literals and comments, so that neither is looked for inside the other: literals stay, comments go -#}
    {%- set literal_or_comment = sql_literal('(' ~ literal_pattern() ~ ')|/[*][^*]*[*]+([^/*][^*]*[*]+)*/|--[^') ~ " || chr(10) || ']*'" -%}
    {{ return(replace_pattern(text, literal_or_comment, '\\1 ', is_expression=true)) }}
{%- endmacro %}


{#
    A statement without comments, in small letters, white space as one blank: what its normal form and its digest have in common.
    text: SQL expression with the statement.
#}
{% macro plain_statement(text) -%}
    {%- set lowered = "translate(lower(" ~ statement_without_comments(text) ~ "), chr(9) || chr(10) || chr(13), '   ')" -%}
    {{ return(replace_pattern(lowered, ' +', ' ')) }}
{%- endmacro %}


{#
    Digest of a statement with its values, without comments; blanks, case and a semicolon at the end do not count, nor what a replay replaces in a COPY
    or UNLOAD: the bucket, with the folder <replay>/UNLOADs/ before it, and the credentials. Null where Redshift has cut the text, so that nothing tells
    how it went on. query_text: SQL expression with the statement. plain_text: one with plain_statement() of it, where there is one.
#}
{% macro exact_statement_key(query_text, plain_text=none) -%}
    {%- set text = replace_pattern(plain_text or plain_statement(query_text), "(from|to) 's3://([^']*/unloads/)?[^'/]+/", "\\1 s3:/") -%}
    {%- set text = replace_pattern(text, credentials_pattern("'[^']*'"), ' iam_role ?') -%}
    {%- set text = replace_pattern(text, '^ +|[ ;]+$', '') -%}
    case when length({{ query_text }}) < 4000 then {{ digest(text) }} end
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
