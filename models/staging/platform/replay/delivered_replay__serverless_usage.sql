{{ config(
    materialized='incremental',
    incremental_strategy='append',
    on_schema_change='append_new_columns',
    dist='even',
    sort='refresh_time',
    full_refresh=none if var('allow_full_refresh') else false,
    tags=['daily'],
) }}
-- Grain: one row per record of usage that an unload delivered, with what became of it.
with

deliveries as (

    select
        landed.*,
        {{ replay_folder('landing_file', 2) }} as what_if_timestamp,
        {{ replay_folder('landing_file', 1) }} as cluster_identifier
    from {{ ref('copy_serverless_usage') }} as landed
    where {{ is_new_delivery('landed') }}

),

judged as (

    select
        deliveries.*,
        coalesce(start_time, cast('1970-01-01 00:00:00' as {{ timestamp_type() }})) as started_at,
        case
            when what_if_timestamp is null or not {{ matches_pattern('what_if_timestamp', '^[0-9]{4}(-[0-9]{2}){5}$') }} then 'the folder is no what-if timestamp'
            when start_time is null then 'start_time is missing'
            when end_time is null then 'end_time is missing'
            when end_time <= start_time then 'the usage ended before it began'
            when charged_seconds is null then 'charged_seconds is missing'
            when charged_seconds < 0 then 'charged_seconds is below zero'
        end as quarantine_reason
    from deliveries

),

settled as (

    {{ delivery_outcomes('judged', ['what_if_timestamp', 'cluster_identifier', 'started_at'], ['landing_file']) }}

)

select
    -- ids
    cast(what_if_timestamp as {{ text_type(256) }}) as what_if_timestamp,
    cast(cluster_identifier as {{ text_type(256) }}) as cluster_identifier,
    -- capacity
    compute_capacity as capacity_rpu,
    compute_seconds as used_rpu_seconds,
    cast(charged_seconds as bigint) as charged_rpu_seconds,
    cast(data_storage as bigint) as storage_mb,
    cast(cross_region_transferred_data as bigint) as cross_region_bytes,
    -- timestamps
    cast(started_at as {{ timestamp_type() }}) as started_at,
    cast(end_time as {{ timestamp_type() }}) as ended_at,
    -- outcome
    cast(outcome as {{ text_type(16) }}) as outcome,
    cast(outcome_reason as {{ text_type(256) }}) as outcome_reason,
    -- load
    cast(landing_file as {{ text_type(1024) }}) as landing_file,
    cast(refresh_time as {{ timestamp_type() }}) as refresh_time,
    {{ load_columns() }}
from settled
