{{ config(
    materialized='streaming_view',
    meta={'landing_path': 'kinesis/my-data-stream', 'landing_format': 'kinesis'},
    tags=['retail', 'near_real_time'],
) }}

{{ kinesis_records(stream='my-data-stream') }}
