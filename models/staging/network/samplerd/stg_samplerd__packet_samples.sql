{{ config(materialized=staging_materialization(), tags=['near_real_time']) }}
-- Grain: one row per packet sample, each accepted once.
with

deliveries as (

    select * from {{ ref('delivered_samplerd__packet_samples') }}

),

accepted as (

    select
        -- ids
        sample_digest,
        sample_id,
        attack_id,
        account_id,
        -- text
        mitigation_system,
        mitigation_rule,
        mitigation_outcome,
        source_ip,
        destination_ip,
        -- numerics
        source_port,
        destination_port,
        ip_protocol,
        packet_bytes,
        sample_interval,
        -- timestamps
        sampled_at,
        cast(sampled_at as date) as sampled_on,
        refresh_time as arrived_at,
        -- load
        loaded_at,
        load_id
    from deliveries
    where outcome = 'accepted'

)

select * from accepted
