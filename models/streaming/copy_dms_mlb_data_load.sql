{%- set columns = [
    'last_update_time', 'mlb_id', 'mlb_name', 'mlb_pos', 'mlb_team', 'mlb_team_long', 'bats', 'throws',
    'birth_year',
] -%}
{{ config(
    materialized='copied_files',
    meta={
        'landing_path': 'dms/dms_sample/mlb_data',
        'landing_format': 'parquet',
        'landing_prefix': 'LOAD',
        'copied_columns': columns,
        'copied_types': {'mlb_id': 'bigint'},
    },
    tags=['ticketing', 'hourly'],
) }}

{{ copied_records(columns) }}
