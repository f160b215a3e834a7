{{ config(
    materialized='copied_files',
    meta={'landing_path': 'workflows/launches', 'landing_format': 'firehose'},
    tags=['platform', 'workflows', 'daily'],
) }}

{{ firehose_records() }}
