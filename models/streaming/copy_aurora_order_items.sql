{%- set columns = ['order_id', 'line_number', 'quantity', 'price'] -%}
{{ config(
    materialized='replicated_table',
    meta={
        'landing_path': 'zero_etl/ecommerce/order_items',
        'landing_format': 'csv',
        'copied_columns': columns,
        'replica': 'ecommerce.order_items',
    },
    tags=['retail', 'hourly'],
) }}

{{ replicated_records(columns) }}
