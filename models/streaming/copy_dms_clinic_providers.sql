{%- set columns = [
    'op', 'committed_at', 'provider_id', 'provider_name', 'specialty', 'department',
] -%}
{{ config(
    materialized='copied_files',
    meta={
        'landing_path': 'dms/clinic/providers',
        'landing_format': 'csv',
        'landing_header': 'auto',
        'copied_columns': columns,
    },
    tags=['care', 'daily'],
) }}

{{ copied_records(columns) }}
