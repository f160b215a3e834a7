{{ config(materialized='incremental', incremental_strategy='merge', unique_key='location_id', dist='all', sort='location_id') }}
-- Grain: one row per taxi zone of the lookup, and one per location that only trips name.
with

zones as (

    select * from {{ ref('stg_taxi__zones') }}

),

touched as (

    select location_id
    from {{ ref('stg_taxi__zones') }} as zones
    where {{ is_new_record(ref('stg_taxi__zones'), 'zones') }}

    union

    select pickup_location_id as location_id
    from {{ ref('stg_taxi__yellow_trips') }} as trips
    where {{ is_new_record(ref('stg_taxi__yellow_trips'), 'trips') }}

    union

    select dropoff_location_id as location_id
    from {{ ref('stg_taxi__yellow_trips') }} as trips
    where {{ is_new_record(ref('stg_taxi__yellow_trips'), 'trips') }}

),

named as (

    select
        touched.location_id,
        coalesce(zones.zone_name, 'Not in the lookup') as zone_name,
        coalesce(zones.borough, 'Unknown') as borough,
        coalesce(zones.service_zone, 'Unknown') as service_zone,
        zones.location_id is not null as is_in_lookup
    from touched
    left join zones
        on touched.location_id = zones.location_id

)

select * from named
