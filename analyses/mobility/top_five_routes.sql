-- Grain: one row per route, the five with most trips. A route is a pair of zone names, in either direction.
-- Trips of unknown zones count too, and every trip counts as one; the duration is summed over trips whose duration can be.
with

trips as (

    select * from {{ ref('fct_yellow_taxi_trips') }}

),

zones as (

    select * from {{ ref('dim_taxi_zone') }}

),

named as (

    select
        trips.trip_duration_minutes,
        trips.has_valid_duration,
        greatest(pickup_zones.zone_name, dropoff_zones.zone_name) as first_zone_name,
        least(pickup_zones.zone_name, dropoff_zones.zone_name) as second_zone_name
    from trips
    left join zones as pickup_zones
        on trips.pickup_location_id = pickup_zones.location_id
    left join zones as dropoff_zones
        on trips.dropoff_location_id = dropoff_zones.location_id

),

routes as (

    select
        first_zone_name || ' - ' || second_zone_name as route,
        count(*) as trip_count,
        round(cast(sum(case when has_valid_duration then trip_duration_minutes end) as decimal(18, 4)), 1) as total_duration_minutes
    from named
    group by first_zone_name || ' - ' || second_zone_name

),

ranked as (

    select
        routes.*,
        row_number() over (order by trip_count desc, total_duration_minutes desc, route asc) as route_rank
    from routes

),

top_routes as (

    select
        route_rank,
        route,
        trip_count,
        total_duration_minutes
    from ranked
    where route_rank <= 5

)

select * from top_routes
order by route_rank
