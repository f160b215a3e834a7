{{ config(tags=['daily']) }}
-- Grain: one row per query that staging could not accept.
with

deliveries as (

    select * from {{ ref('delivered_replay__queries') }}

),

quarantined as (

    select
        what_if_timestamp,
        cluster_identifier,
        query_id,
        outcome_reason as quarantine_reason,
        query_text as record_text,
        landing_file,
        refresh_time as arrived_at,
        loaded_at,
        load_id
    from deliveries
    where outcome = 'quarantined'

)

select * from quarantined
