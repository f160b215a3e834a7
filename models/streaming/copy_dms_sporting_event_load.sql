{%- set columns = [
    'op', 'cdc_timestamp', 'id', 'sport_type_name', 'home_team_id', 'away_team_id', 'location_id',
    'start_date_time', 'start_date', 'sold_out',
] -%}
{{ config(
    materialized='copied_files',
    meta={
        'landing_path': 'dms/dms_sample/sporting_event',
        'landing_format': 'csv',
        'landing_prefix': 'LOAD',
        'landing_header': 'auto',
        'copied_columns': columns,
    },
    tags=['ticketing', 'hourly'],
) }}

{{ copied_records(columns) }}
