{#
    Materialization `streaming_view`: lands the records of one topic as delivered.

    Redshift: a streaming materialized view. Created once, refreshed afterwards with a single statement, and never dropped:
    not by --full-refresh, not by a changed definition (the view would start over at what the stream still holds).
    DuckDB and Athena: a table that takes in the landed files it has not taken yet. A file is known by its path and its
    content: a file whose content changed is taken again, and staging counts its known records as duplicates.

    Config, under meta: landing_path (folder under the landing root, required off Redshift), landing_is_optional (true: no warning where
    there is no such folder), landing_format (jsonl or kinesis; default jsonl), landing_unnest (of kinesis: name of an array whose elements
    are the records), auto_refresh (Redshift only; default false).
#}
{% materialization streaming_view, default %}
    {{ engine_refuses('materialization streaming_view') }}
{% endmaterialization %}


{% materialization streaming_view, adapter='redshift' %}
    {%- set existing = load_cached_relation(this) -%}
    {%- set view = this.incorporate(type='materialized_view') -%}

    {{ run_hooks(pre_hooks, inside_transaction=False) }}

    {%- if existing is not none and not existing.is_materialized_view -%}
        {{ exceptions.raise_compiler_error(
            "millrace: " ~ model.name ~ ": " ~ this ~ " exists and is a " ~ existing.type ~ ", not a materialized view. "
            ~ "Move it away or give the model another alias; it will not be dropped."
        ) }}
    {%- elif existing is none -%}
        {% call statement('create', auto_begin=False) -%}
            create materialized view {{ view }}
            auto refresh {{ 'yes' if config.meta_get('auto_refresh', false) else 'no' }}
            as
            {{ sql }}
        {%- endcall %}
    {%- elif flags.FULL_REFRESH -%}
        {{ exceptions.warn(
            "millrace: " ~ model.name ~ ": --full-refresh does not drop a streaming view. It is refreshed as always; to build it "
            ~ "anew, drop it yourself and know that records older than the stream's retention are gone."
        ) }}
    {%- endif -%}

    {% call statement('main', auto_begin=False) -%}
        refresh materialized view {{ view }}
    {%- endcall %}

    {%- if existing is none -%}{%- do persist_docs(view, model) -%}{%- endif -%}
    {{ run_hooks(post_hooks, inside_transaction=False) }}
    {{ return({'relations': [view]}) }}
{% endmaterialization %}


{% materialization streaming_view, adapter='duckdb' %}
    {{ return(land_files_duckdb()) }}
{% endmaterialization %}


{% materialization streaming_view, adapter='athena' %}
    {{ return(land_files_athena()) }}
{% endmaterialization %}


{#
    Materialization `copied_files`: the same for files that COPY would load. On Redshift a table and a copy job that loads each
    file once; elsewhere a table that takes in the files it has not taken yet.
    Config, under meta: landing_path, landing_prefix (what the files' keys begin with behind it), landing_format (csv, json, parquet or
    firehose); copied_columns, the names of the file's columns in the order of the file; landing_names, other names that columns have in
    files; landing_header (true, or auto where files come with and without one), landing_delimiter; landing_unnest (of firehose); on Redshift landing_compression (gzip, where the files are), copied_types (SQL types of
    Parquet columns that are no text) and auto_copy (true: the service loads files as they arrive, and a run loads what is left).
#}
{% materialization copied_files, default %}
    {{ engine_refuses('materialization copied_files') }}
{% endmaterialization %}


{% materialization copied_files, adapter='duckdb' %}
    {{ return(land_files_duckdb()) }}
{% endmaterialization %}


{% materialization copied_files, adapter='athena' %}
    {{ return(land_files_athena()) }}
{% endmaterialization %}


{% materialization copied_files, adapter='redshift' %}
    {%- set existing = load_cached_relation(this) -%}
    {%- set table = this.incorporate(type='table') -%}

    {{ run_hooks(pre_hooks, inside_transaction=False) }}
    {%- if existing is none -%}
        {% call statement('create', auto_begin=False) -%}
            {{ copied_files_table(table) }}
        {%- endcall %}
        {% call statement('main', auto_begin=False) -%}
            {{ copy_job_statement(table, copy_job_name(), config.get('meta')) }}
        {%- endcall %}
    {%- else -%}
        {#- a column that was declared since; the job's list of columns stays until the operation copy_job drops and creates it -#}
        {%- set known = adapter.get_columns_in_relation(table) | map(attribute='name') | map('lower') | list -%}
        {%- for column in config.meta_get('copied_columns', []) or [] -%}
            {%- if column not in known -%}
                {%- do run_query("alter table " ~ table ~ " add column " ~ column_name(column) ~ " " ~ copied_type(column)) -%}
            {%- endif -%}
        {%- endfor -%}
    {%- endif -%}
    {% call statement('main', auto_begin=False) -%}
        copy job run {{ copy_job_name() }}
    {%- endcall %}
    {%- do persist_docs(table, model) -%}
    {{ run_hooks(post_hooks, inside_transaction=False) }}
    {{ return({'relations': [table]}) }}
{% endmaterialization %}


{# Name of the copy job of a landing model on Redshift. #}
{% macro copy_job_name() %}{{ return('millrace_' ~ this.schema ~ '_' ~ this.identifier) }}{% endmacro %}


{# Type of a landed column on Redshift: text, but for columns of a Parquet file that hold something else (meta copied_types). #}
{% macro copied_type(column) %}
    {{ return((config.meta_get('copied_types', {}) or {}).get(column, text_type(1024))) }}
{% endmacro %}


{# An explicit definition, because a table made by a query cannot have the default that stamps each load, nor an identity. #}
{% macro copied_files_table(table) -%}
    create table {{ table }} (
        {%- if landing_format() == 'firehose' %}
        payload super,
        invalid_payload varbyte,
        {%- else %}
        {%- for column in config.meta_require('copied_columns') %}
        {{ column_name(column) }} {{ copied_type(column) }},
        {%- endfor %}
        unknown_fields {{ text_type(65535) }},
        invalid_record {{ text_type(65535) }},
        {%- endif %}
        landing_file {{ text_type(1024) }},
        record_number bigint identity(1, 1),
        refresh_time timestamp default sysdate
    )
{%- endmacro %}


{#
    The statement that makes the copy job of a landing table: it loads each file under the landing prefix once.
    table: the relation. job: name of the job. meta: the model's config meta.
#}
{% macro copy_job_statement(table, job, meta) -%}
    {%- set format = meta.get('landing_format', 'jsonl') -%}
    {%- set names = [] -%}
    {%- for column in meta.copied_columns or [] -%}{%- do names.append(column_name(column)) -%}{%- endfor -%}
    copy {{ table }} ({{ 'payload' if format == 'firehose' else names | join(', ') }})
    from '{{ var('landing_root').rstrip('/') }}/{{ meta.landing_path.strip('/') }}/{{ meta.get('landing_prefix', '') }}'
    iam_role {{ iam_role_text(var('redshift_copy_role_arn')) }}
    {% if format == 'parquet' -%}
    format as parquet
    {%- elif format == 'firehose' -%}
    format as json 'noshred'
    {%- elif format in ('json', 'jsonl') -%}
    format as json 'auto ignorecase'
    {%- else -%}
    format as csv
    {%- if meta.get('landing_delimiter', ',') != ',' %}
    delimiter '{{ meta.landing_delimiter }}'
    {%- endif %}
    {%- if meta.get('landing_header', true) != 'auto' %}
    ignoreheader 1
    {%- endif %}
    emptyasnull
    {%- endif %}
    {%- if meta.get('landing_compression') %}
    {{ meta.landing_compression }}
    {%- endif %}
    job create {{ job }}
    auto {{ 'on' if meta.get('auto_copy', false) else 'off' }}
{%- endmacro %}
