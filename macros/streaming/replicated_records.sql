{#
    A table that a zero-ETL integration keeps a replica of, copied so that all that is built on it sees one state of it; the whole body of
    a copy_ model with materialized replicated_table. Columns as copied_records(). The model's config, under meta: replica, the table in
    the integration's database as schema.table (Redshift); landing_path and so on elsewhere, where each file is a copy of the whole table.
    columns: names of the table's columns.
#}
{% macro replicated_records(columns) %}{{ return(adapter.dispatch('replicated_records', 'millrace')(columns)) }}{% endmacro %}

{% macro default__replicated_records(columns) %}{{ return(copied_records(columns)) }}{% endmacro %}

{% macro redshift__replicated_records(columns) -%}
select
    {%- for column in columns %}
    cast(replica.{{ column_name(column) }} as {{ text_type(1024) }}) as {{ column_name(column) }},
    {%- endfor %}
    cast(null as {{ text_type(65535) }}) as unknown_fields,
    cast(null as {{ text_type(65535) }}) as invalid_record,
    cast('' as {{ text_type(1024) }}) as landing_file,
    cast(row_number() over () as bigint) as record_number,
    cast({{ now_utc() }} as timestamp) as refresh_time
from {{ var('redshift_zero_etl_database') }}.{{ config.meta_get('replica', '') }} as replica
{%- endmacro %}


{#
    The rows of the latest copy of a replicated table, with what became of each: the whole body of a delivered_ model. Columns as in
    delivered_changes(). The model is rebuilt each time; what the table was before is what a dbt snapshot of the stg_ model keeps.
    loaded_at and load_id are the copy's, so that an unchanged copy gives an unchanged table.
    feed: name of the feed in the variable change_feeds (format columns). landing: ref() of the copy_ model.
#}
{% macro replicated_rows(feed, landing) %}
    {%- set feed = change_feed(feed) -%}
    {{- config(materialized='table', dist='even', sort='refresh_time') -}}
with

copies as (

    select
        landed.*,
        dense_rank() over (order by refresh_time desc, landing_file desc) as copies_back
    from {{ landing }} as landed

),

deliveries as (

    select * from copies
    where copies_back = 1

),

{{ changes_from_columns(feed, 'deliveries', '', relation_name(landing), true) }}

{{ settled_changes(feed, loaded_at='refresh_time', load_id=as_text('refresh_time')) }}
{%- endmacro %}


{# Materialization `replicated_table`: see replicated_records(). #}
{% materialization replicated_table, default %}
    {{ engine_refuses('materialization replicated_table') }}
{% endmaterialization %}


{% materialization replicated_table, adapter='duckdb' %}
    {{ return(land_files_duckdb()) }}
{% endmaterialization %}


{% materialization replicated_table, adapter='athena' %}
    {{ return(land_files_athena()) }}
{% endmaterialization %}


{# Readers see the old copy or the new one: both statements are one transaction. #}
{% materialization replicated_table, adapter='redshift' %}
    {{ return(land_table_redshift(sql, empties=true)) }}
{% endmaterialization %}


{#
    Body of a materialization that fills a plain table on Redshift, in one transaction. The first run creates it from the model's SQL.
    later_rows: the rows that a later run inserts. empties: whether those of before go first.
#}
{% macro land_table_redshift(later_rows, empties=false) %}
    {%- set existing = load_cached_relation(this) -%}
    {%- set table = this.incorporate(type='table') -%}

    {{ run_hooks(pre_hooks, inside_transaction=False) }}
    {{ run_hooks(pre_hooks, inside_transaction=True) }}
    {%- if existing is none -%}
        {% call statement('main') -%}
            create table {{ table }} as
            {{ sql }}
        {%- endcall %}
    {%- else -%}
        {%- if empties -%}
            {% call statement('empty') -%}
                delete from {{ table }}
            {%- endcall %}
        {%- endif -%}
        {% call statement('main') -%}
            insert into {{ table }}
            {{ later_rows }}
        {%- endcall %}
    {%- endif -%}
    {%- do persist_docs(table, model) -%}
    {{ run_hooks(post_hooks, inside_transaction=True) }}
    {%- do adapter.commit() -%}
    {{ run_hooks(post_hooks, inside_transaction=False) }}
    {{ return({'relations': [table]}) }}
{% endmacro %}
