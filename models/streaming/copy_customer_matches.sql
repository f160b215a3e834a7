{%- set columns = ['statement_number', 'stated_at', 'master_customer_id', 'duplicate_customer_id', 'statement', 'reason'] -%}
{{ config(
    materialized='copied_files',
    meta={'landing_path': 'stewards/customer_matches', 'landing_format': 'csv', 'copied_columns': columns},
    tags=['retail', 'hourly'],
) }}

{{ copied_records(columns) }}
