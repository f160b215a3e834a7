{%- set columns = [
    'op', 'policy_id', 'expiry_date', 'location_name', 'state_code', 'region_name', 'insured_value',
    'business_type', 'earthquake', 'flood',
] -%}
{{ config(
    materialized='copied_files',
    meta={
        'landing_path': 'dms/insurance/policies',
        'landing_format': 'csv',
        'landing_prefix': '2',
        'landing_header': 'auto',
        'copied_columns': columns,
    },
    tags=['insurance', 'daily'],
) }}

{{ copied_records(columns) }}
