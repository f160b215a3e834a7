{%- set columns = [
    'vendor_id', 'pickup_datetime', 'dropoff_datetime', 'passenger_count', 'trip_distance', 'rate_code_id',
    'store_and_fwd_flag', 'pickup_location_id', 'dropoff_location_id', 'payment_type', 'fare_amount', 'extra', 'mta_tax',
    'tip_amount', 'tolls_amount', 'improvement_surcharge', 'total_amount', 'congestion_surcharge',
] -%}
{#- the names of the Taxi and Limousine Commission's own files, Parquet since 2022 -#}
{%- set names = {
    'VendorID': 'vendor_id', 'tpep_pickup_datetime': 'pickup_datetime', 'tpep_dropoff_datetime': 'dropoff_datetime',
    'RatecodeID': 'rate_code_id', 'PULocationID': 'pickup_location_id', 'DOLocationID': 'dropoff_location_id',
} -%}
{{ config(
    materialized='copied_files',
    meta={'landing_path': 'copy/yellow_taxi_trip', 'landing_format': 'csv', 'copied_columns': columns, 'landing_names': names},
    tags=['mobility', 'daily'],
) }}

{{ copied_records(columns) }}
