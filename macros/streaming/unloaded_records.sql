{#
    The records of Parquet files that an UNLOAD wrote, with their types; the whole body of a copy_ model with materialized unloaded_files.
    Grain: one row per record of a taken file. Columns: the declared ones (null where a file lacks one, as those of older versions do),
    landing_file, refresh_time. What the files have beyond them is not read.
    columns: names, each with its type as Redshift spells it. The model's config, under meta: landing_path, landing_format: parquet,
    copied_columns (the names), copied_types (for Athena); replica: on Redshift the external table over the files as schema.table.
#}
{% macro unloaded_records(columns) %}{{ return(adapter.dispatch('unloaded_records', 'millrace')(columns)) }}{% endmacro %}

{% macro default__unloaded_records(columns) %}{{ engine_refuses('unloaded_records') }}{% endmacro %}

{% macro duckdb__unloaded_records(columns) -%}
with

declared_columns as (

    select
        {%- for name, type in columns.items() %}
        cast(null as {{ type }}) as {{ column_name(name) }},
        {%- endfor %}
        cast(null as varchar) as landing_file
    where false

),

delivered as (

    select * from declared_columns
    union all by name
    select * from read_parquet(getvariable('landing_files'), union_by_name = true, filename = 'landing_file')

)

select
    {%- for name, type in columns.items() %}
    cast({{ column_name(name) }} as {{ type }}) as {{ column_name(name) }},
    {%- endfor %}
    substring(landing_file, length('{{ var('landing_root').rstrip('/') }}/') + 1) as landing_file,
    cast(getvariable('refresh_time') as timestamp) as refresh_time
from delivered
{%- endmacro %}

{% macro redshift__unloaded_records(columns) -%}
select
    {%- for name in columns %}
    unloaded.{{ column_name(name) }},
    {%- endfor %}
    unloaded."$path" as landing_file,
    cast({{ now_utc() }} as timestamp) as refresh_time
from {{ config.meta_get('replica', '') }} as unloaded
{%- endmacro %}

{% macro athena__unloaded_records(columns) -%}
select
    {%- for name, type in columns.items() %}
    cast(lines.{{ column_name(name) }} as {{ {'timestamp': timestamp_type(), 'double precision': float_type()}.get(type, type) }}) as {{ column_name(name) }},
    {%- endfor %}
    lines."$path" as landing_file,
    {{ athena_refresh_time() }} as refresh_time
from {{ landing_table() }} as lines
{{ athena_new_files('lines') }}
{%- endmacro %}

{# Materialization `unloaded_files`: takes the files that were not taken before; see unloaded_records(). #}
{% materialization unloaded_files, default %}
    {{ engine_refuses('materialization unloaded_files') }}
{% endmaterialization %}


{% materialization unloaded_files, adapter='duckdb' %}
    {{ return(land_files_duckdb()) }}
{% endmaterialization %}


{% materialization unloaded_files, adapter='athena' %}
    {{ return(land_files_athena()) }}
{% endmaterialization %}


{# The files are an external table there, one partition per cluster and replay. #}
{% materialization unloaded_files, adapter='redshift' %}
    {%- set new_rows -%}
        select delivered.* from ({{ sql }}) as delivered
        left join (select distinct landing_file from {{ this }}) as taken on delivered.landing_file = taken.landing_file
        where taken.landing_file is null
    {%- endset -%}
    {{ return(land_table_redshift(new_rows)) }}
{% endmaterialization %}
