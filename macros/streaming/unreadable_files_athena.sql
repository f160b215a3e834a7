{#
    Files that Athena cannot read. It fails the whole statement for one of them (trinodb/trino#27170), and no SQL catches that. So the end of the
    command writes the file down as `unreadable`, and later loads leave it out by its path, which the engine compares before it opens a file.
    One load of one landing model fails; `dbt retry` or the next load takes all other files.
#}

{#
    At the start of a command: which files are left out, looked up once for all landing models of it. Kept in `graph`, which is one for all nodes of
    a command.
#}
{% macro find_unreadable_files() %}{{ return(adapter.dispatch('find_unreadable_files', 'millrace')()) }}{% endmacro %}

{# DuckDB looks into files before it reads them, and COPY leaves them out by itself. #}
{% macro default__find_unreadable_files() %}{{ return('') }}{% endmacro %}

{% macro athena__find_unreadable_files() %}
    {%- set found = {} -%}
    {%- set query -%}
    select
        model_name,
        landing_file
    from (
        select
            model_name,
            landing_file,
            outcome,
            row_number() over (partition by model_name, landing_file order by refresh_time desc) as place
        from {{ operations_relation('landing_files') }}
        where outcome in ('unreadable', 'again')
    ) as looks
    where place = 1 and outcome = 'unreadable'
    {%- endset -%}
    {%- for row in run_query(query).rows -%}
        {%- do found.setdefault(row[0], []).append(row[1]) -%}
    {%- endfor -%}
    {%- do graph.update({'millrace_unreadable_files': found}) -%}
    {{ return('') }}
{% endmacro %}


{# Addresses of the files that a landing model leaves out. #}
{% macro unreadable_files(model_name) %}
    {{ return((graph.get('millrace_unreadable_files') or {}).get(model_name, []) | sort if execute else []) }}
{% endmacro %}


{# At the end of a command: the files for which landing models failed are written down. results: of the command. #}
{% macro note_unreadable_files(results) %}{{ return(adapter.dispatch('note_unreadable_files', 'millrace')(results)) }}{% endmacro %}

{% macro default__note_unreadable_files(results) %}{{ return('') }}{% endmacro %}

{% macro athena__note_unreadable_files(results) %}
    {%- set rows = [] -%}
    {%- for result in results if result.status | string == 'error' -%}
        {%- set file = unreadable_file(result.message or '') -%}
        {%- if file -%}
            {%- do rows.append(unreadable_file_row(result.node.name, file, 'unreadable', result.message)) -%}
            {{ log("millrace: " ~ result.node.name ~ ": Athena cannot read " ~ file ~ ". The next load leaves this file out and takes the others (dbt retry). "
                ~ "When it is mended: dbt run-operation read_landed_file_again --args '{model: " ~ result.node.name ~ ", file: \"" ~ file ~ "\"}'.", info=true) }}
        {%- endif -%}
    {%- endfor -%}
    {%- if rows -%}
        {%- do run_query('insert into ' ~ operations_relation('landing_files') ~ '\n' ~ rows | join('\nunion all\n')) -%}
    {%- endif -%}
    {{ return('') }}
{% endmacro %}


{#
    The landed file that an error is about; none where it is about something else, or about S3 rather than the file (access, request rate): then the
    file is read again by itself. How the engine writes it: `HIVE_CURSOR_ERROR: Failed to read file at <address>`, `HIVE_CANNOT_OPEN_SPLIT: Error opening
    Hive split <address> (offset=0, ...)`, `HIVE_BAD_DATA: ... in parquet file <address> is incompatible with ...`, `HIVE_BAD_DATA: Malformed Parquet file. ... [<address>]`.
#}
{% macro unreadable_file(message) %}
    {%- set errors = 'HIVE_(?:CURSOR_ERROR|BAD_DATA|CANNOT_OPEN_SPLIT)' -%}
    {%- set of_s3 = '(?i)access ?denied|slow ?down|request rate|status code: ?[45][0-9][0-9]|timed? ?out|no such key' -%}
    {%- set line = modules.re.search(errors ~ '[^\\n]*', message) -%}
    {%- if not line or modules.re.search(of_s3, message) -%}{{ return(none) }}{%- endif -%}
    {%- set root = modules.re.escape(var('landing_root').rstrip('/')) -%}
    {#- a key may have blanks and stops: it ends where the engine's own words go on; the last form is for words that are not known -#}
    {%- for before, after in [
        ('Error opening Hive split ', ' [(]offset='), ('file ', ' is incompatible'), ('\\[', '\\]\\s*(?:$|[(])'),
        ('Failed to read file at ', '(?:[.] You may |[.]?\\s*$)'), ('', '(?:: |[.] |[.]?\\s*$)')
    ] -%}
        {%- set found = modules.re.search(before ~ '(' ~ root ~ '/.+?)' ~ after, line.group()) -%}
        {%- if found -%}{{ return(found.group(1).rstrip('.,;:)')) }}{%- endif -%}
    {%- endfor -%}
    {{ return(none) }}
{% endmacro %}


{# A row of operations.landing_files for a file that cannot be read, or that is to be read again. #}
{% macro unreadable_file_row(model_name, file, outcome, problem) -%}
    select
        '{{ model_name }}' as model_name,
        {{ text_literal(file) }} as landing_file,
        cast(null as varchar) as content_hash,
        cast(null as bigint) as size_bytes,
        cast(null as timestamp(6)) as modified_at,
        cast(null as bigint) as records,
        '{{ outcome }}' as outcome,
        cast({{ message_literal(problem, 1000) }} as varchar) as problem,
        {{ now_utc() }} as refresh_time,
        '{{ invocation_id }}' as load_id
{%- endmacro %}


{#
    Athena: has a file read again that was left out because it could not be read.
    model: name of the landing model. file: its address, as operations.landing_files has it.
    dbt run-operation read_landed_file_again --args '{model: mv_orders, file: "s3://bucket/landing/kafka/orders/part-7.jsonl.gz"}'
#}
{% macro read_landed_file_again(model, file) %}
    {%- if target.type != 'athena' -%}
        {{ exceptions.raise_compiler_error(
            "millrace: read_landed_file_again is for Athena; the target is " ~ target.type
            ~ (", which looks at a file again as soon as it changes." if target.type == 'duckdb' else ", where COPY keeps the list of files.")
        ) }}
    {%- endif -%}
    {%- do ensure_operations_tables(true) -%}
    {%- do athena__find_unreadable_files() -%}
    {%- if file not in unreadable_files(model) -%}
        {{ exceptions.raise_compiler_error(
            "millrace: read_landed_file_again: '" ~ model ~ "' leaves no file '" ~ file ~ "' out; it leaves out: "
            ~ (unreadable_files(model) | join(', ') or 'none') ~ "."
        ) }}
    {%- endif -%}
    {%- do run_query('insert into ' ~ operations_relation('landing_files') ~ '\n' ~ unreadable_file_row(model, file, 'again', none)) -%}
    {{ log("millrace: " ~ model ~ " reads " ~ file ~ " again in its next load.", info=true) }}
{% endmacro %}
