{{ config(tags=['daily']) }}
-- Grain: one row per zone record that staging could not accept.
with

deliveries as (

    select * from {{ ref('delivered_taxi__zones') }}

),

quarantined as (

    select
        outcome_reason as quarantine_reason,
        record_text,
        landing_file,
        refresh_time as arrived_at,
        loaded_at,
        load_id
    from deliveries
    where outcome = 'quarantined'

)

select * from quarantined
