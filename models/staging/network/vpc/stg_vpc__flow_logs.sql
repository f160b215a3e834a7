{{ config(materialized=staging_materialization(), tags=['near_real_time']) }}
-- Grain: one row per record of a flow log, each accepted once; those without data (NODATA, SKIPDATA) too.
with

deliveries as (

    select * from {{ ref('delivered_vpc__flow_logs') }}

),

accepted as (

    select
        -- ids
        record_digest,
        account_id,
        interface_id,
        -- text
        source_ip,
        destination_ip,
        traffic_action,
        log_status,
        -- numerics
        log_version,
        source_port,
        destination_port,
        ip_protocol,
        packets,
        bytes_transferred,
        -- timestamps
        started_at,
        ended_at,
        refresh_time as arrived_at,
        -- load
        loaded_at,
        load_id
    from deliveries
    where outcome = 'accepted'

)

select * from accepted
