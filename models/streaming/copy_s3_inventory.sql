{%- set columns = {
    'bucket': 'varchar', 'key': 'varchar', 'is_latest': 'boolean', 'is_delete_marker': 'boolean', 'size': 'bigint',
    'last_modified_date': 'varchar', 'storage_class': 'varchar', 'encryption_status': 'varchar',
    'intelligent_tiering_access_tier': 'varchar',
} -%}
{{ config(
    materialized='unloaded_files',
    meta={
        'landing_path': 's3_inventory',
        'landing_format': 'inventory',
        'landing_is_counted': true,
        'landing_added_columns': {'first_key': 'varchar', 'last_key': 'varchar'},
        'landing_symlinks': '*/*/hive/dt=*/symlink.txt',
        'copied_columns': columns.keys() | list,
        'copied_types': dict(columns, last_modified_date='bigint'),
        'replica': 'aws_bill.s3_inventory',
    },
    tags=['platform', 'daily'],
) }}

{{ inventory_records(columns) }}
