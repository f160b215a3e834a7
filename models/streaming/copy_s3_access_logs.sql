{{ config(
    materialized='unloaded_files',
    meta={
        'landing_path': 's3_access_logs',
        'landing_format': 'text',
        'landing_is_counted': true,
        'copied_columns': ['line'],
        'copied_types': {'line': 'varchar'},
        'replica': 'aws_bill.s3_access_logs',
    },
    tags=['platform', 'daily'],
) }}

{{ access_log_records() }}
