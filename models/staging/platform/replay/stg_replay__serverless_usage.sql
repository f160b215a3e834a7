{{ config(materialized=staging_materialization(), tags=['daily']) }}
-- Grain: one row per cluster in a replay and stretch of time that it reports the usage of, usually a minute.
with

deliveries as (

    select * from {{ ref('delivered_replay__serverless_usage') }}

),

accepted as (

    select
        what_if_timestamp,
        cluster_identifier,
        capacity_rpu,
        used_rpu_seconds,
        charged_rpu_seconds,
        storage_mb,
        cross_region_bytes,
        started_at,
        ended_at,
        refresh_time as arrived_at,
        loaded_at,
        load_id
    from deliveries
    where outcome = 'accepted'

)

select * from accepted
