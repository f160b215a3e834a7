{%- set columns = ['account_number', 'name', 'type', 'annualrevenue', 'active', 'isdeleted', 'lastmodifieddate'] -%}
{{ config(
    materialized='copied_files',
    meta={
        'landing_path': 'appflow/accounts',
        'landing_format': 'csv',
        'landing_compression': 'gzip',
        'copied_columns': columns,
    },
    tags=['retail', 'hourly'],
) }}

{{ copied_records(columns) }}
