{{ config(
    materialized='streaming_view',
    meta={'landing_path': 'kafka/orders'},
    tags=['retail', 'near_real_time'],
) }}

{{ kafka_records(topic='orders') }}
