{%- set columns = cur_columns() -%}
{{ config(
    materialized='unloaded_files',
    meta={
        'landing_path': 'cur',
        'landing_format': 'tabular',
        'landing_is_optional': true,
        'landing_is_rewritten': true,
        'copied_columns': columns.keys() | list,
        'copied_types': columns,
        'replica': 'aws_bill.cur',
    },
    tags=['platform', 'daily'],
) }}

{{ bill_records(columns.keys() | list) }}
