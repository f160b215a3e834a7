{{ config(tags=['daily']) }}
-- Grain: one row per change of a sold item, with the time it was valid.
{{ change_history(
    feed='store_sales',
    changes=ref('stg_s3__store_sales'),
) }}
