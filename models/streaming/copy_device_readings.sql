{{ config(
    materialized='copied_files',
    meta={
        'landing_path': 'firehose/device-readings',
        'landing_format': 'firehose',
        'landing_compression': 'gzip',
        'landing_days': {'since': '2023-06-01'},
    },
    tags=['telemetry', 'near_real_time'],
) }}

{{ firehose_records() }}
