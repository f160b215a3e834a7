{{ config(tags=['daily']) }}
-- Grain: one row per landing model and load.
{{ load_accounting(
    landing=ref('copy_store_sales'),
    delivered=ref('delivered_s3__store_sales'),
) }}
