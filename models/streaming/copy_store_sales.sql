{%- set columns = [
    'ss_sold_date_sk', 'ss_sold_time_sk', 'ss_item_sk', 'ss_customer_sk', 'ss_cdemo_sk', 'ss_hdemo_sk',
    'ss_addr_sk', 'ss_store_sk', 'ss_promo_sk', 'ss_ticket_number', 'ss_quantity', 'ss_wholesale_cost',
    'ss_list_price', 'ss_sales_price', 'ss_ext_discount_amt', 'ss_ext_sales_price', 'ss_ext_wholesale_cost',
    'ss_ext_list_price', 'ss_ext_tax', 'ss_coupon_amt', 'ss_net_paid', 'ss_net_paid_inc_tax', 'ss_net_profit',
] -%}
{{ config(
    materialized='copied_files',
    meta={
        'landing_path': 'copy/store_sales',
        'landing_format': 'csv',
        'landing_header': 'auto',
        'landing_delimiter': '|',
        'landing_compression': 'gzip',
        'copied_columns': columns,
    },
    tags=['retail', 'daily'],
) }}

{{ copied_records(columns) }}
