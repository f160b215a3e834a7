-- Grain: one row per zone and day on which trips began there.
{{ incremental_aggregate(
    key='taxi_zone_day_hk',
    group_by={'pickup_location_id': 'pickup_location_id', 'picked_up_on': 'cast(picked_up_at as date)'},
    measures={
        'trips': 'cast(count(*) as bigint)',
        'trip_distance_miles': 'cast(sum(trip_distance_miles) as decimal(18, 2))',
        'total_usd': 'cast(sum(total_usd) as decimal(18, 2))',
    },
    columns=['trip_distance_miles', 'total_usd'],
    source=ref('stg_taxi__yellow_trips'),
) }}
