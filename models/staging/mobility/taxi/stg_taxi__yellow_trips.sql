{{ config(materialized=staging_materialization(), tags=['daily']) }}
-- Grain: one row per yellow taxi trip, each accepted once.
with

deliveries as (

    select * from {{ ref('delivered_taxi__yellow_trips') }}

),

accepted as (

    select
        -- ids
        record_digest,
        occurrence,
        vendor_id,
        rate_code_id,
        pickup_location_id,
        dropoff_location_id,
        payment_type_id,
        -- numerics
        passenger_count,
        trip_distance_miles,
        fare_usd,
        extra_usd,
        mta_tax_usd,
        tip_usd,
        tolls_usd,
        improvement_surcharge_usd,
        total_usd,
        congestion_surcharge_usd,
        -- booleans
        is_stored_and_forwarded,
        -- timestamps
        picked_up_at,
        dropped_off_at,
        refresh_time as arrived_at,
        -- load
        loaded_at,
        load_id
    from deliveries
    where outcome = 'accepted'

)

select * from accepted
