{%- set columns = [
    'op', 'committed_at', 'encounter_id', 'patient_id', 'provider_id', 'encounter_kind',
    'started_at', 'ended_at', 'heart_rate', 'glucose',
] -%}
{{ config(
    materialized='copied_files',
    meta={
        'landing_path': 'dms/clinic/encounters',
        'landing_format': 'csv',
        'landing_header': 'auto',
        'copied_columns': columns,
    },
    tags=['care', 'daily'],
) }}

{{ copied_records(columns) }}
