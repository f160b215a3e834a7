{{ config(tags=['daily']) }}
-- Grain: one row per column of the source, declared or not.
{{ schema_changes(
    feed='store_sales',
    delivered=ref('delivered_s3__store_sales'),
) }}
