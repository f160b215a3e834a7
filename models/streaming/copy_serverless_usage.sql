{%- set columns = {
    'start_time': 'timestamp', 'end_time': 'timestamp', 'compute_seconds': 'double precision', 'compute_capacity': 'double precision',
    'data_storage': 'integer', 'cross_region_transferred_data': 'integer', 'charged_seconds': 'integer',
} -%}
{{ config(
    materialized='unloaded_files',
    meta={
        'landing_path': 'replay_usage',
        'landing_format': 'parquet',
        'copied_columns': columns.keys() | list,
        'copied_types': columns,
        'replica': 'comparison_stats.serverless_usage',
    },
    tags=['platform', 'daily'],
) }}

{{ unloaded_records(columns) }}
