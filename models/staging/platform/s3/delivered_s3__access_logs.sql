{{ config(
    materialized='incremental',
    incremental_strategy='append',
    on_schema_change='append_new_columns',
    dist='even',
    sort='refresh_time',
    full_refresh=none if var('allow_full_refresh') else false,
    tags=['daily'],
) }}
-- Grain: one row per group of logged requests that landed (file, bucket, day, prefix, operation and so on), with what became of it; requests says how
-- many it is.
{%- set grain = ['landing_file', 'bucket_name', 'requested_on', 'prefix', 'operation', 'requester', 'is_billed', 'unreadable_line'] %}
with

deliveries as (

    select
        landed.*,
        {{ digest(hash_text(grain)) | indent(8) }} as group_key
    from {{ ref('copy_s3_access_logs') }} as landed
    where {{ is_new_delivery('landed') }}

),

judged as (

    select
        deliveries.*,
        {{ to_date('requested_on') | indent(8) }} as requested_date,
        case
            when unreadable_line is not null then 'the line is no record of an access log'
            when {{ to_date('requested_on') | indent(12) }} is null then 'the day of the request does not exist'
        end as quarantine_reason
    from deliveries

),

settled as (

    {{ delivery_outcomes('judged', ['group_key'], ['refresh_time']) }}

)

select
    -- ids
    cast(group_key as {{ text_type(64) }}) as group_key,
    bucket_name,
    prefix,
    -- text
    operation,
    requester,
    -- booleans
    is_billed = 1 as is_billed,
    -- numerics
    requests,
    bytes_sent,
    -- dates
    requested_date as requested_on,
    -- outcome
    cast(outcome as {{ text_type(16) }}) as outcome,
    cast(outcome_reason as {{ text_type(256) }}) as outcome_reason,
    unreadable_line as record_text,
    -- load
    landing_file,
    cast(refresh_time as {{ timestamp_type() }}) as refresh_time,
    {{ load_columns() }}
from settled
