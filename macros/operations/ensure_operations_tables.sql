{# Creates the bookkeeping tables where they are missing. Runs at the start of every command that writes. #}
{% macro ensure_operations_tables(always=false) %}
    {%- if execute and (always or flags.WHICH in ('run', 'build', 'test', 'seed', 'snapshot', 'retry', 'clone')) -%}
        {%- set marks = operations_relation('load_marks') -%}
        {%- do adapter.create_schema(marks) -%}
        {%- for name, columns in operations_columns().items() -%}
            {%- do run_query(create_operations_table(operations_relation(name), columns)) -%}
        {%- endfor -%}
    {%- endif -%}
    {{ return('') }}
{% endmacro %}


{% macro operations_relation(name) %}
    {{ return(api.Relation.create(
        database=target.database, schema=generate_schema_name('operations', none), identifier=name, type='table'
    )) }}
{% endmacro %}


{# Column names and types of each bookkeeping table; models/operations/_operations__sources.yml says what they mean. #}
{% macro operations_columns() %}
    {{ return({
        'load_marks': [
            ('consumer', text_type(256)),
            ('source_name', text_type(256)),
            ('loaded_until', timestamp_type()),
            ('load_id', text_type(64)),
            ('state', text_type(16)),
            ('recorded_at', timestamp_type()),
        ],
        'loads': [
            ('job', text_type(256)),
            ('load_id', text_type(64)),
            ('model_name', text_type(256)),
            ('state', text_type(16)),
            ('recorded_at', timestamp_type()),
            ('delivered_records', 'bigint'),
            ('accepted_records', 'bigint'),
            ('duplicate_records', 'bigint'),
            ('quarantined_records', 'bigint'),
            ('message', text_type(2048)),
        ],
        'landing_files': [
            ('model_name', text_type(256)),
            ('landing_file', text_type(1024)),
            ('content_hash', text_type(64)),
            ('size_bytes', 'bigint'),
            ('modified_at', timestamp_type()),
            ('records', 'bigint'),
            ('outcome', text_type(16)),
            ('problem', text_type(1024)),
            ('refresh_time', timestamp_type()),
            ('load_id', text_type(64)),
        ],
        'branches': [
            ('root', text_type(256)),
            ('built_until', timestamp_type()),
            ('load_id', text_type(64)),
            ('recorded_at', timestamp_type()),
        ],
        'analysis_timings': [
            ('analysis_name', text_type(256)),
            ('relations', 'bigint'),
            ('joins', 'bigint'),
            ('answer_rows', 'bigint'),
            ('repeats', 'bigint'),
            ('median_seconds', float_type()),
            ('fastest_seconds', float_type()),
            ('load_id', text_type(64)),
            ('recorded_at', timestamp_type()),
        ],
        'erasures': [
            ('request', text_type(64)),
            ('person', text_type(64)),
            ('state', text_type(16)),
            ('relation_name', text_type(256)),
            ('erased_rows', 'bigint'),
            ('load_id', text_type(64)),
            ('recorded_at', timestamp_type()),
        ],
        'erased_keys': [
            ('request', text_type(64)),
            ('key_digest', text_type(64)),
            ('recorded_at', timestamp_type()),
        ],
    }) }}
{% endmacro %}


{% macro create_operations_table(relation, columns) %}
    {{ return(adapter.dispatch('create_operations_table', 'millrace')(relation, columns)) }}
{% endmacro %}

{% macro default__create_operations_table(relation, columns) -%}
    create table if not exists {{ relation }} (
        {%- for name, type in columns %}
        {{ name }} {{ type }}{{ ',' if not loop.last }}
        {%- endfor %}
    )
{%- endmacro %}

{# Athena spells types its own way in data definitions: string, and timestamp without a precision. #}
{% macro athena__create_operations_table(relation, columns) -%}
    create table if not exists {{ relation.render_hive() }} (
        {%- for name, type in columns %}
        {{ name }} {{ {'varchar': 'string', 'timestamp(6)': 'timestamp'}.get(type, type) }}{{ ',' if not loop.last }}
        {%- endfor %}
    )
    location '{{ target.s3_data_dir.rstrip('/') }}/{{ relation.schema }}/{{ relation.identifier }}/'
    tblproperties ('table_type' = 'ICEBERG', 'format' = 'parquet')
{%- endmacro %}
