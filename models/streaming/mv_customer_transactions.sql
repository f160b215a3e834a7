{{ config(
    materialized='streaming_view',
    meta={'landing_path': 'kinesis/demo-data-stream', 'landing_format': 'kinesis'},
    tags=['care', 'near_real_time'],
) }}

{{ kinesis_records(stream='demo-data-stream') }}
