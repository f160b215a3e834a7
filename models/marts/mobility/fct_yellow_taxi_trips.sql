{{ config(
    materialized='incremental',
    incremental_strategy='merge',
    unique_key='trip_hk',
    dist='trip_hk',
    sort='picked_up_on',
) }}
-- Grain: one row per yellow taxi trip. Odd trips stay in: amounts below zero are refunds and voids, and durations that cannot be are
-- flagged, not dropped.
with

trips as (

    select *
    from {{ ref('stg_taxi__yellow_trips') }} as trips
    where {{ is_new_record(ref('stg_taxi__yellow_trips'), 'trips') }}

),

timed as (

    select
        *,
        {{ elapsed_minutes('picked_up_at', 'dropped_off_at') }} as trip_duration_minutes
    from trips

),

described as (

    select
        -- ids
        {{ hash_key(['record_digest', 'occurrence']) | indent(8) }} as trip_hk,
        {{ junk_key(
            ['vendor_id', 'rate_code_id', 'payment_type_id', 'is_stored_and_forwarded'], booleans=['is_stored_and_forwarded']
        ) | indent(8) }} as trip_terms_key,
        pickup_location_id,
        dropoff_location_id,
        -- numerics
        passenger_count,
        trip_distance_miles,
        trip_duration_minutes,
        fare_usd,
        extra_usd,
        mta_tax_usd,
        tip_usd,
        tolls_usd,
        improvement_surcharge_usd,
        congestion_surcharge_usd,
        total_usd,
        -- booleans
        trip_duration_minutes > 0 and trip_duration_minutes < 1440 as has_valid_duration,
        -- timestamps
        picked_up_at,
        dropped_off_at,
        cast(picked_up_at as date) as picked_up_on
    from timed

)

select * from described
