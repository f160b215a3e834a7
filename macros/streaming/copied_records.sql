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
    {%- for column in columns if column | lower in copied_own_columns() -%}
        {{ exceptions.raise_compiler_error(
            "millrace: " ~ model.name ~ ": copied_records(): 'columns' has '" ~ column ~ "', which is a column that each landed record gets from this "
            ~ "project (" ~ copied_own_columns() | join(', ') ~ "). Leave it out of the list: the source's own is kept in unknown_fields."
        ) }}
    {%- endfor -%}
    {{ return(adapter.dispatch('copied_records', 'millrace')(columns)) }}
{% endmacro %}

{# The columns that a landed record has beside those of its file. #}
{% macro copied_own_columns() %}{{ return(['unknown_fields', 'invalid_record', 'landing_file', 'record_number', 'refresh_time']) }}{% endmacro %}

{% macro default__copied_records(columns) %}{{ engine_refuses('copied_records') }}{% endmacro %}

{# COPY fills the table; this says what it looks like. #}
{% macro redshift__copied_records(columns) -%}
select
    {%- for column in columns %}
    cast(null as {{ text_type(1024) }}) as {{ column_name(column) }},
    {%- endfor %}
    cast(null as {{ text_type(65535) }}) as unknown_fields,
    cast(null as {{ text_type(65535) }}) as invalid_record,
    cast(null as {{ text_type(1024) }}) as landing_file,
    cast(null as bigint) as record_number,
    cast(null as timestamp) as refresh_time
where 1 = 0
{%- endmacro %}

{% macro duckdb__copied_records(columns) -%}
{%- set names = landing_names() -%}
{%- set structure = {} -%}
{%- for column in columns -%}
    {%- do structure.update({column: 'VARCHAR'}) -%}
{%- endfor -%}
{%- set known = dict.fromkeys(columns + names.keys() | list + ['landing_file', 'record_number', 'invalid_record']) -%}
{%- set readers = [] -%}
{%- if landing_format() in ('parquet', 'tabular', 'csv') -%}{%- do readers.append('parquet') -%}{%- endif -%}
{%- if landing_format() == 'csv' -%}{%- do readers.append('csv') -%}{%- endif -%}
with

declared_columns as (

    select
        {%- for column in columns %}
        cast(null as varchar) as {{ column_name(column) }},
        {%- endfor %}
        cast(null as json) as unknown_fields,
        cast(null as varchar) as invalid_record,
        cast(null as varchar) as landing_file,
        cast(null as bigint) as record_number
    where false

),
{%- for reader in readers %}

{{ reader }}_files as (

    select
        {%- if reader == 'csv' %}
        *,
        {%- elif landing_format() == 'tabular' %} {# of the many columns of a bill those that are declared; an empty file has the other one #}
        landed_text(columns(lambda c: list_contains({{ (columns + names.keys() | list) | map('lower') | list + ['no_column'] }}, lower(c)))),
        landing_file,
        {%- else %}
        columns(* exclude landing_file)::varchar,
        landing_file,
        {%- endif %}
        row_number() over () as record_number
    {%- if reader == 'parquet' %}
    from read_parquet(getvariable('landing_parquet_files'), union_by_name = true, filename = 'landing_file')
    {%- else %}
    from read_csv(
        getvariable('landing_files'),
        header = true, all_varchar = true, union_by_name = true, filename = 'landing_file',
        delim = '{{ (config.meta_get('landing_delimiter', ',') or ',') | replace("'", "''") }}', quote = '"', escape = '"',
        comment = '', skip = 0, new_line = '\n'  -- else the reader guesses, and takes a line for a comment
    )
    {%- endif %}

),

{{ reader }}_records as (

    select
        *,
        {%- if landing_format() == 'tabular' %}
        cast('{}' as json) as unknown_fields
        {%- else %}
        json_merge_patch('{}', json_merge_patch(
            to_json({{ reader }}_files),
            {{ "getvariable('landing_known_fields')" if reader == 'parquet' else "'" ~ tojson(known) | replace("'", "''") ~ "'" }}
        )) as unknown_fields
        {%- endif %}
    from {{ reader }}_files

),
{%- endfor %}

odd_records as (

    select
        odd_file as landing_file,
        unnest(range(1, len(records) + 1)) as record_number,
        json_transform(
            unnest(records), '{{ tojson({'columns': structure, 'unknown_fields': 'VARCHAR', 'invalid_record': 'VARCHAR'}) | replace("'", "''") }}'
        ) as record
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
        {{ 'null' if landing_format() == 'tabular' else 'record.unknown_fields' }}::json as unknown_fields,
        record.invalid_record as invalid_record,
        unnest(record.columns)
    from odd_records

),

delivered as (

    select * from declared_columns
    {%- if names %}
    union all by name
    select
        {%- for name in names %}
        cast(null as varchar) as {{ column_name(name) }}{{ ',' if not loop.last }}
        {%- endfor %}
    where false
    {%- endif %}
    {%- for reader in readers %}
    union all by name
    select * from {{ reader }}_records
    {%- endfor %}
    union all by name
    select * from odd_rows

)

select
    {%- for column in columns %}
    {%- set others = [] -%}
    {%- for name in names if names[name] == column -%}{%- do others.append(column_name(name)) -%}{%- endfor %}
    {{ 'coalesce(' ~ ([column_name(column)] + others) | join(', ') ~ ') as ' if others }}{{ column_name(column) }},
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
    {%- set is_map = (config.meta_get('copied_types', {}) or {}).get(column) == 'map' %}
    {{ 'json_format(cast(lines.' ~ column ~ ' as json))' if is_map else 'cast(lines.' ~ column_name(column) ~ ' as varchar)' if landing_format() in ('parquet', 'tabular') else 'nullif(lines.' ~ column_name(column) ~ ", '')" }} as {{ column_name(column) }},
    {%- endfor %}
    cast(null as varchar) as unknown_fields,
    cast(null as varchar) as invalid_record,
    lines."$path" as landing_file,
    cast(null as bigint) as record_number,
    {{ athena_refresh_time() }} as refresh_time
from {{ landing_table() }} as lines
{{ athena_new_files('lines') }}
{%- endmacro %}


{# Statement before copied_records() on tabular files: landed_text(), a value as text, a map as JSON text (DuckDB). #}
{% macro landed_text_duckdb() -%}
create or replace temp macro landed_text(value) as case when typeof(value) like 'MAP(%' then to_json(value)::varchar else value::varchar end
{%- endmacro %}
