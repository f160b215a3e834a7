{{ config(tags=['daily']) }}
-- Grain: one row per load of trip files.
{{ load_accounting(
    landing=ref('copy_yellow_taxi_trip'),
    delivered=ref('delivered_taxi__yellow_trips'),
) }}
