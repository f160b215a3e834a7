{{ config(
    materialized='streaming_view',
    meta={'landing_path': 'kafka/market_bars'},
    tags=['markets', 'near_real_time'],
) }}

{{ kafka_records(topic='market_bars') }}
