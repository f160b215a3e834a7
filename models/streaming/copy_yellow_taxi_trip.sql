{%- set columns = [
    'vendor_id', 'pickup_datetime', 'dropoff_datetime', 'passenger_count', 'trip_distance', 'rate_code_id',
    'store_and_fwd_flag', 'pickup_location_id', 'dropoff_location_id', 'payment_type', 'fare_amount', 'extra', 'mta_tax',
    'tip_amount', 'tolls_amount', 'improvement_surcharge', 'total_amount', 'congestion_surcharge',
] -%}
{{ config(
    materialized='copied_files',
    meta={'landing_path': 'copy/yellow_taxi_trip', 'landing_format': 'csv', 'copied_columns': columns},
    tags=['mobility', 'daily'],
) }}

{{ copied_records(columns) }}
