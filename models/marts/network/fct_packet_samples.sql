{{ config(
    materialized='incremental',
    incremental_strategy='merge',
    unique_key='packet_sample_hk',
    dist='packet_sample_hk',
    sort='sampled_at',
) }}
-- Grain: one row per packet sample. estimated_packets and estimated_bytes are of the packets that it was taken from; they add up.
with

samples as (

    select *
    from {{ ref('stg_samplerd__packet_samples') }} as samples
    where {{ is_new_record(ref('stg_samplerd__packet_samples'), 'samples') }}

),

described as (

    select
        -- ids
        sample_digest as packet_sample_hk,
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
        sample_interval as estimated_packets,
        sample_interval * packet_bytes as estimated_bytes,
        -- booleans
        mitigation_outcome = 'DROP' as is_dropped,
        -- timestamps
        sampled_at,
        sampled_on
    from samples

)

select * from described
