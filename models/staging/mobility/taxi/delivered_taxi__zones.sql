{{ config(
    materialized='incremental',
    incremental_strategy='append',
    on_schema_change='append_new_columns',
    dist='even',
    sort='refresh_time',
    full_refresh=none if var('allow_full_refresh') else false,
    tags=['daily'],
) }}
-- Grain: one row per record of the landed zone lookup files, with what became of it.
-- A lookup file is a whole list that replaces the one before: a zone counts once per file and load, not once for ever, so that
-- a name that goes back to what it was is seen.
with

deliveries as (

    select zones.*
    from {{ ref('copy_taxi_zone_lookup') }} as zones
    where {{ is_new_delivery('zones') }}

),

typed as (

    select
        {{ to_integer(clean_text('location_id')) }} as location_id,
        {{ clean_text('borough') }} as borough,
        {{ clean_text('zone') }} as zone_name,
        {{ clean_text('service_zone') }} as service_zone,
        {{ digest(hash_text(['location_id', 'borough', 'zone', 'service_zone', 'invalid_record'])) | indent(8) }} as record_digest,
        coalesce(location_id, '') || ',' || coalesce(borough, '') || ','
        || coalesce(zone, '') || ',' || coalesce(service_zone, '') as record_fields,
        invalid_record,
        coalesce(landing_file, '') as landing_file,
        refresh_time
    from deliveries

),

judged as (

    select
        *,
        case
            when invalid_record is not null then 'the record does not fit the header'
            when location_id is null then 'location_id is missing or no whole number'
            when zone_name is null then 'zone is missing'
        end as quarantine_reason
    from typed

),

settled as (

    {{ delivery_outcomes('judged', ['refresh_time', 'landing_file', 'record_digest'], ['refresh_time']) }}

)

select
    -- ids
    location_id,
    -- text
    cast(borough as {{ text_type(256) }}) as borough,
    cast(zone_name as {{ text_type(256) }}) as zone_name,
    cast(service_zone as {{ text_type(256) }}) as service_zone,
    cast(record_digest as {{ text_type(64) }}) as record_digest,
    -- outcome
    cast(outcome as {{ text_type(16) }}) as outcome,
    cast(outcome_reason as {{ text_type(256) }}) as outcome_reason,
    cast(
        case when outcome = 'quarantined' then coalesce(invalid_record, record_fields) end as {{ text_type(65535) }}
    ) as record_text,
    -- load
    cast(landing_file as {{ text_type(1024) }}) as landing_file,
    cast(refresh_time as {{ timestamp_type() }}) as refresh_time,
    cast({{ load_time() | indent(4) }} as {{ timestamp_type() }}) as loaded_at,
    cast('{{ invocation_id }}' as {{ text_type(64) }}) as load_id
from settled
