{{ config(
    materialized='copied_files',
    meta={'landing_path': 'job_runs/glue', 'landing_format': 'firehose'},
    tags=['platform', 'daily'],
) }}

{{ firehose_records() }}
