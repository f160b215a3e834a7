{#
    Materialization `streaming_view`: lands the records of one topic as delivered.

    Redshift: a streaming materialized view. Created once, refreshed afterwards with a single statement, and never dropped:
    not by --full-refresh, not by a changed definition (the view would start over at what the stream still holds).
    DuckDB and Athena: a table that takes in the landed files it has not taken yet. A file is known by its path and its
    content: a file whose content changed is taken again, and staging counts its known records as duplicates.

    Config, under meta: landing_path (folder under the landing root, required off Redshift), landing_format (jsonl or csv; default
    jsonl), auto_refresh (Redshift only; default false).
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
    Config, under meta: landing_path, landing_format as above; copied_columns, the names of the file's columns in the order of the file.
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
    {%- set job = 'millrace_' ~ this.schema ~ '_' ~ this.identifier -%}

    {{ run_hooks(pre_hooks, inside_transaction=False) }}
    {%- if existing is none -%}
        {#- An explicit definition, because a table made by a query cannot have the default that stamps each load. -#}
        {% call statement('create', auto_begin=False) -%}
            create table {{ table }} (
                {%- for column in config.meta_require('copied_columns') %}
                {{ column }} {{ text_type(1024) }},
                {%- endfor %}
                unknown_fields {{ text_type(65535) }},
                invalid_record {{ text_type(65535) }},
                landing_file {{ text_type(1024) }},
                refresh_time timestamp default sysdate
            )
        {%- endcall %}
        {% call statement('main', auto_begin=False) -%}
            copy {{ table }} ({{ config.meta_require('copied_columns') | join(', ') }})
            from '{{ landing_prefix() }}'
            iam_role {{ "default" if var('redshift_copy_role_arn') == 'default' else "'" ~ var('redshift_copy_role_arn') ~ "'" }}
            format as csv
            ignoreheader 1
            job create {{ job }}
            auto off
        {%- endcall %}
    {%- endif -%}
    {% call statement('main', auto_begin=False) -%}
        copy job run {{ job }}
    {%- endcall %}
    {%- do persist_docs(table, model) -%}
    {{ run_hooks(post_hooks, inside_transaction=False) }}
    {{ return({'relations': [table]}) }}
{% endmaterialization %}
