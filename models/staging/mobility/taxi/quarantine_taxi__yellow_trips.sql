{{ config(tags=['daily']) }}
-- Grain: one row per trip record that staging could not accept.
with

deliveries as (

    select * from {{ ref('delivered_taxi__yellow_trips') }}

),

quarantined as (

    select
        record_digest,
        occurrence,
        outcome_reason as quarantine_reason,
        record_text,
        unknown_fields,
        landing_file,
        refresh_time as arrived_at,
        loaded_at,
        load_id
    from deliveries
    where outcome = 'quarantined'

)

select * from quarantined
