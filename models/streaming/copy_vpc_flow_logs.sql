{#- the order of the default format; a custom one has an order of its own, which Redshift and Athena go by -#}
{%- set columns = [
    'version', 'account_id', 'interface_id', 'srcaddr', 'dstaddr', 'srcport', 'dstport', 'protocol', 'packets', 'bytes', 'window_start',
    'window_end', 'action', 'log_status',
] -%}
{%- set names = {
    'account-id': 'account_id', 'interface-id': 'interface_id', 'start': 'window_start', 'end': 'window_end', 'log-status': 'log_status',
} -%}
{{ config(
    materialized='copied_files',
    meta={
        'landing_path': 'vpc_flow_logs',
        'landing_format': 'csv',
        'landing_delimiter': ' ',
        'landing_compression': 'gzip',
        'copied_columns': columns,
        'landing_names': names,
    },
    tags=['network', 'near_real_time'],
) }}

{{ copied_records(columns) }}
