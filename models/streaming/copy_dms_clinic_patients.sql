{%- set columns = [
    'op', 'committed_at', 'patient_id', 'full_name', 'born_on', 'postal_code', 'blood_group',
] -%}
{{ config(
    materialized='copied_files',
    meta={
        'landing_path': 'dms/clinic/patients',
        'landing_format': 'csv',
        'landing_header': 'auto',
        'copied_columns': columns,
    },
    tags=['care', 'daily'],
) }}

{{ copied_records(columns) }}
