{{ config(
    materialized='incremental',
    incremental_strategy='merge',
    unique_key='vpc_flow_hk',
    dist='vpc_flow_hk',
    sort='started_at',
) }}
-- Grain: one row per record of a flow log. A record without data has no flow: it is there, so that it can be counted, and is_flow is false.
with

records as (

    select *
    from {{ ref('stg_vpc__flow_logs') }} as records
    where {{ is_new_record(ref('stg_vpc__flow_logs'), 'records') }}

),

described as (

    select
        -- ids
        record_digest as vpc_flow_hk,
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
        -- booleans
        log_status = 'OK' as is_flow,
        case when log_status = 'OK' then traffic_action = 'REJECT' end as is_rejected,
        -- timestamps
        started_at,
        ended_at,
        cast(started_at as date) as started_on
    from records

)

select * from described
