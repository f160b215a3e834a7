{%- set columns = cur_columns(has_maps=true) -%}
{{ config(
    materialized='unloaded_files',
    meta={
        'landing_path': 'cur2',
        'landing_format': 'tabular',
        'landing_is_optional': true,
        'landing_is_rewritten': true,
        'copied_columns': columns.keys() | list,
        'copied_types': columns,
        'replica': 'aws_bill.cur2',
    },
    tags=['platform', 'daily'],
) }}

{{ bill_records(columns.keys() | list) }}
