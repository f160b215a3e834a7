{{ config(tags=['daily']) }}
-- Grain: one row per change of a sold item, each accepted once.
{{ accepted_changes(
    feed='store_sales',
    delivered=ref('delivered_s3__store_sales'),
) }}
