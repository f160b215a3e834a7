{#
    The records of CSV, Parquet and JSON files as delivered; the whole body of a copy_ model. Every value stays text.
    Grain: one row per record of a taken file.
    Columns: the declared ones (null where a file lacks one), unknown_fields (JSON text of fields nobody declared, null when
    there are none; never filled on Redshift and Athena, which read by position), invalid_record (text of a record that does not
    fit its header), landing_file (path under the landing root; null on Redshift, where COPY does not tell), record_number (grows in the
    order of a file's records; an identity on Redshift, null on Athena), refresh_time.
    Of tabular files (Parquet and CSV in one folder, a bill) the undeclared columns are not kept.
    columns: names in the order of the file.
#}
{% macro copied_records(columns) %}
    {%- if columns is string or columns is mapping or columns | length == 0 -%}
        {{ exceptions.raise_compiler_error(
            "millrace: " ~ model.name ~ ": copied_records() wants 'columns' as a list of column names, got: " ~ columns
        ) }}
    {%- endif -%}
    {{ return(adapter.dispatch('copied_records', 'millrace')(columns)) }}
{% endmacro %}

{% macro default__copied_records(columns) %}{{ engine_refuses('copied_records') }}{% endmacro %}

{# COPY fills the table; this says what it looks like. #}
{% macro redshift__copied_records(columns) -%}
select
    {%- for column in columns %}
    cast(null as {{ text_type(1024) }}) as {{ column }},
    {%- endfor %}
    cast(null as {{ text_type(65535) }}) as unknown_fields,
    cast(null as {{ text_type(65535) }}) as invalid_record,
    cast(null as {{ text_type(1024) }}) as landing_file,
    cast(null as bigint) as record_number,
    cast(null as timestamp) as refresh_time
where 1 = 0
{%- endmacro %}

{% macro duckdb__copied_records(columns) -%}
{%- set declared = {'invalid_record': none, 'landing_file': none, 'record_number': none} -%}
{%- set structure = {'invalid_record': 'VARCHAR'} -%}
{%- for column in columns -%}
    {%- do declared.update({column: none}) -%}
    {%- do structure.update({column: 'VARCHAR'}) -%}
{%- endfor -%}
with

declared_columns as (

    select
        {%- for column in columns %}
        cast(null as varchar) as {{ column }},
        {%- endfor %}
        cast(null as json) as unknown_fields,
        cast(null as varchar) as invalid_record,
        cast(null as varchar) as landing_file,
        cast(null as bigint) as record_number
    where false

),

whole_files as (

    select
        {%- if landing_format() == 'tabular' %} {# of the many columns of a bill those that are declared; an empty file has the other one #}
        columns(lambda c: list_contains({{ columns | map('lower') | list + ['no_column'] }}, lower(c)))::varchar,
        landing_file,
        {%- elif landing_format() == 'parquet' %}
        columns(* exclude landing_file)::varchar,
        landing_file,
        {%- else %}
        *,
        {%- endif %}
        row_number() over () as record_number
    {%- if landing_format() in ('parquet', 'tabular') %}
    from read_parquet(getvariable('landing_files'), union_by_name = true, filename = 'landing_file')
    {%- elif landing_format() == 'json' %}
    from (select cast(null as varchar) as landing_file where false) as nothing
    {%- else %}
    from read_csv(
        getvariable('landing_files'),
        header = true, all_varchar = true, union_by_name = true, filename = 'landing_file',
        delim = '{{ config.meta_get('landing_delimiter', ',') or ',' }}', quote = '"', escape = '"'
    )
    {%- endif %}

),

whole_records as (

    select
        *,
        {%- if landing_format() == 'tabular' %}
        cast('{}' as json) as unknown_fields
        {%- else %}
        json_merge_patch('{}', json_merge_patch(
            to_json(whole_files),
            {{ "getvariable('landing_known_fields')" if landing_format() == 'parquet' else "'" ~ tojson(declared) ~ "'" }}
        )) as unknown_fields
        {%- endif %}
    from whole_files

),

odd_records as (

    select
        odd_file as landing_file,
        unnest(range(1, len(records) + 1)) as record_number,
        unnest(records) as record
    from (
        select
            odd_file,
            landing_file_records(odd_file, '{{ landing_options() }}') as records
        from (select unnest(getvariable('landing_odd_files')) as odd_file) as odd_files
    ) as odd

),

odd_rows as (

    select
        landing_file,
        record_number,
        {{ "cast('{}' as json)" if landing_format() == 'tabular' else "json_merge_patch('{}', json_merge_patch(cast(record as json), '" ~ tojson(declared) ~ "'))" }} as unknown_fields,
        unnest(json_transform(record, '{{ tojson(structure) }}'))
    from odd_records

),

delivered as (

    select * from declared_columns
    union all by name
    select * from whole_records
    union all by name
    select * from odd_rows

)

select
    {%- for column in columns %}
    {{ column }},
    {%- endfor %}
    nullif(cast(unknown_fields as varchar), '{}') as unknown_fields,
    invalid_record,
    substring(landing_file, length('{{ var('landing_root').rstrip('/') }}/') + 1) as landing_file,
    cast(record_number as bigint) as record_number,
    cast(getvariable('refresh_time') as timestamp) as refresh_time
from delivered
{%- endmacro %}

{% macro athena__copied_records(columns) -%}
select
    {%- for column in columns %}
    {{ 'cast(lines.' ~ column ~ ' as varchar)' if landing_format() in ('parquet', 'tabular') else 'nullif(lines.' ~ column ~ ", '')" }} as {{ column }},
    {%- endfor %}
    cast(null as varchar) as unknown_fields,
    cast(null as varchar) as invalid_record,
    lines."$path" as landing_file,
    cast(null as bigint) as record_number,
    {{ athena_refresh_time() }} as refresh_time
from {{ landing_table() }} as lines
{{ athena_new_files('lines') }}
{%- endmacro %}
