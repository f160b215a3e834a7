{{ config(tags=['daily']) }}
-- Grain: one row per record of usage that staging could not accept.
with

deliveries as (

    select * from {{ ref('delivered_replay__serverless_usage') }}

),

quarantined as (

    select
        what_if_timestamp,
        cluster_identifier,
        outcome_reason as quarantine_reason,
        {{ as_text('started_at') }} as record_text,
        landing_file,
        refresh_time as arrived_at,
        loaded_at,
        load_id
    from deliveries
    where outcome = 'quarantined'

)

select * from quarantined
