-- The aggregate is what its trips add up to, group by group.
with

trips as (

    select
        pickup_location_id,
        picked_up_on,
        count(*) as trips,
        sum(total_usd) as total_usd
    from {{ ref('fct_yellow_taxi_trips') }}
    group by pickup_location_id, picked_up_on

),

zone_days as (

    select * from {{ ref('agg_taxi_zone_days') }}

)

select
    trips.pickup_location_id as trip_location_id,
    trips.picked_up_on as trip_on,
    zone_days.pickup_location_id as zone_location_id,
    zone_days.picked_up_on as zone_on
from trips
full outer join zone_days
    on trips.pickup_location_id = zone_days.pickup_location_id and trips.picked_up_on = zone_days.picked_up_on
where
    zone_days.trips is null
    or trips.trips is null
    or trips.trips <> zone_days.trips
    or coalesce(trips.total_usd, 0) <> coalesce(zone_days.total_usd, 0)
