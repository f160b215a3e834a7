{{ config(
    materialized='copied_files',
    meta={'landing_path': 'flink/operations', 'landing_format': 'firehose'},
    tags=['platform', 'flink', 'daily'],
) }}

{{ firehose_records() }}
