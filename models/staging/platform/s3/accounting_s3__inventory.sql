{{ config(tags=['daily']) }}
-- Grain: one row per load of inventories; objects are what is counted.
{{ load_accounting(
    landing=ref('copy_s3_inventory'),
    delivered=ref('delivered_s3__inventory'),
    counted_by='objects',
) }}
