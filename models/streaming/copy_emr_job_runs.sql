{{ config(
    materialized='copied_files',
    meta={'landing_path': 'job_runs/emr', 'landing_format': 'firehose'},
    tags=['platform', 'daily'],
) }}

{{ firehose_records() }}
