{%- set columns = ['order_id', 'customer_id', 'order_date'] -%}
{{ config(
    materialized='replicated_table',
    meta={
        'landing_path': 'zero_etl/ecommerce/orders',
        'landing_format': 'csv',
        'copied_columns': columns,
        'replica': 'ecommerce.orders',
    },
    tags=['retail', 'hourly'],
) }}

{{ replicated_records(columns) }}
