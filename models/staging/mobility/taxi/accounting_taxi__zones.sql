{{ config(tags=['daily']) }}
-- Grain: one row per load of zone lookup files.
{{ load_accounting(
    landing=ref('copy_taxi_zone_lookup'),
    delivered=ref('delivered_taxi__zones'),
) }}
