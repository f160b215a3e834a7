{{ config(
    materialized='unloaded_files',
    meta={
        'landing_path': 'cur',
        'landing_format': 'manifest',
        'landing_is_optional': true,
        'landing_is_rewritten': true,
        'landing_is_counted': true,
        'copied_columns': ['line'],
    },
    tags=['platform', 'daily'],
) }}

{{ bill_manifest_records() }}
