{%- set columns = [
    'op', 'last_update_time', 'object_id', 'object_name', 'test_column', 'object_description', 'new_column_add',
    'new_field_1', 'new_field_2',
] -%}
{{ config(
    materialized='copied_files',
    meta={
        'landing_path': 'dms/db/object',
        'landing_format': 'parquet',
        'copied_columns': columns,
        'copied_types': {'object_id': 'bigint', 'test_column': 'bigint'},
    },
    tags=['ticketing', 'hourly'],
) }}

{{ copied_records(columns) }}
