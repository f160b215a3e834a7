{{ config(
    materialized='streaming_view',
    meta={'landing_path': 'kafka/packet_samples'},
    tags=['network', 'near_real_time'],
) }}

{{ kafka_records(topic='packet_samples') }}
