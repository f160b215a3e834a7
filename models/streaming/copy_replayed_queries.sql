{%- set columns = {
    'user_id': 'integer', 'query_id': 'bigint', 'query_label': 'varchar', 'transaction_id': 'bigint', 'session_id': 'integer',
    'database_name': 'varchar', 'query_type': 'varchar', 'status': 'varchar', 'result_cache_hit': 'boolean', 'start_time': 'timestamp',
    'end_time': 'timestamp', 'elapsed_time': 'bigint', 'queue_time': 'bigint', 'execution_time': 'bigint', 'error_message': 'varchar',
    'returned_rows': 'bigint', 'returned_bytes': 'bigint', 'query_text': 'varchar', 'redshift_version': 'varchar',
    'usage_limit': 'varchar', 'compute_type': 'varchar', 'compile_time': 'bigint', 'planning_time': 'bigint',
    'lock_wait_time': 'bigint', 'user_query_hash': 'varchar', 'generic_query_hash': 'varchar', 'query_hash_version': 'integer',
    'username': 'varchar',
} -%}
{{ config(
    materialized='unloaded_files',
    meta={
        'landing_path': 'replay',
        'landing_format': 'parquet',
        'copied_columns': columns.keys() | list,
        'copied_types': columns,
        'replica': 'comparison_stats.redshift_config_comparison',
    },
    tags=['platform', 'daily'],
) }}

{{ unloaded_records(columns) }}
