{{ config(materialized=staging_materialization(), tags=['daily']) }}
-- Grain: one row per taxi zone, as the latest lookup file that names it has it.
with

deliveries as (

    select * from {{ ref('delivered_taxi__zones') }}

),

ranked as (

    select
        *,
        row_number() over (
            partition by location_id order by refresh_time desc, landing_file desc, record_digest desc
        ) as delivery_rank
    from deliveries
    where outcome = 'accepted'

),

latest as (

    select
        -- ids
        location_id,
        -- text
        borough,
        zone_name,
        service_zone,
        -- timestamps
        refresh_time as arrived_at,
        -- load
        loaded_at,
        load_id
    from ranked
    where delivery_rank = 1

)

select * from latest
