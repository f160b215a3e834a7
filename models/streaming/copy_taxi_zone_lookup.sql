{%- set columns = ['location_id', 'borough', 'zone', 'service_zone'] -%}
{{ config(
    materialized='copied_files',
    meta={'landing_path': 'copy/taxi_zone_lookup', 'landing_format': 'csv', 'copied_columns': columns},
    tags=['mobility', 'daily'],
) }}

{{ copied_records(columns) }}
