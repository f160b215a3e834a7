{{ config(
    materialized='streaming_view',
    meta={'landing_path': 'kafka/inventory.products'},
    tags=['retail', 'near_real_time'],
) }}

{{ kafka_records(topic='inventory.products') }}
