{{ config(tags=['near_real_time']) }}
-- Grain: one row per record of the orders topic that staging could not accept.
with

deliveries as (

    select * from {{ ref('delivered_msk__orders') }}

),

quarantined as (

    select
        kafka_partition,
        kafka_offset,
        kafka_timestamp,
        outcome_reason as quarantine_reason,
        record_text,
        refresh_time as arrived_at,
        loaded_at,
        load_id
    from deliveries
    where outcome = 'quarantined'

)

select * from quarantined
