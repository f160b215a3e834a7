{{ config(
    materialized='incremental',
    incremental_strategy='append',
    on_schema_change='append_new_columns',
    dist='even',
    sort='refresh_time',
    full_refresh=none if var('allow_full_refresh') else false,
    tags=['daily'],
) }}
{%- set columns = [
    'vendor_id', 'pickup_datetime', 'dropoff_datetime', 'passenger_count', 'trip_distance', 'rate_code_id',
    'store_and_fwd_flag', 'pickup_location_id', 'dropoff_location_id', 'payment_type', 'fare_amount', 'extra', 'mta_tax',
    'tip_amount', 'tolls_amount', 'improvement_surcharge', 'total_amount', 'congestion_surcharge',
] -%}
{%- set whole_numbers = [
    'vendor_id', 'passenger_count', 'rate_code_id', 'pickup_location_id', 'dropoff_location_id', 'payment_type',
] -%}
{%- set decimals = ['trip_distance'] + columns[10:] -%}
{%- set texts = [] -%}
{%- for column in columns -%}{%- do texts.append(column ~ '_text') -%}{%- endfor -%}
-- Grain: one row per record of the landed trip files, with what became of it.
-- A trip has no key. It is known by its values and by how many equal records stand before it in its file: the same file
-- delivered again, or under another name, adds nothing, and equal trips within one file stay several trips.
with

deliveries as (

    select trips.*
    from {{ ref('copy_yellow_taxi_trip') }} as trips
    where {{ is_new_delivery('trips') }}

),

cleaned as (

    select
        {%- for column in columns %}
        {{ clean_text(column) }} as {{ column }}_text,
        {%- endfor %}
        invalid_record,
        unknown_fields,
        coalesce(landing_file, '') as landing_file,
        refresh_time
    from deliveries

),

identified as (

    select
        *,
        {{ hashdiff(texts + ['invalid_record'], trim=true) | indent(8) }} as record_digest
    from cleaned

),

typed as (

    select
        identified.*,
        row_number() over (
            partition by refresh_time, landing_file, record_digest order by record_digest
        ) as occurrence,
        {{ to_timestamp_utc('pickup_datetime_text') }} as picked_up_at,
        {{ to_timestamp_utc('dropoff_datetime_text') }} as dropped_off_at,
        {%- for column in whole_numbers %}
        {{ to_integer(column ~ '_text') }} as {{ column }},
        {%- endfor %}
        {%- for column in decimals %}
        {{ to_decimal(column ~ '_text', 12, 2) }} as {{ column }},
        {%- endfor %}
        store_and_fwd_flag_text = 'Y' as is_stored_and_forwarded
    from identified

),

judged as (

    select
        *,
        case
            when invalid_record is not null then 'the record does not fit the header'
            when picked_up_at is null then 'pickup_datetime is missing or no timestamp'
            when dropped_off_at is null then 'dropoff_datetime is missing or no timestamp'
            when pickup_location_id is null then 'pickup_location_id is missing or no whole number'
            when dropoff_location_id is null then 'dropoff_location_id is missing or no whole number'
            {%- for column in whole_numbers if column not in ('pickup_location_id', 'dropoff_location_id') %}
            when {{ is_unparsed(column ~ '_text', column) }} then '{{ column }} is no whole number'
            {%- endfor %}
            {%- for column in decimals %}
            when {{ is_unparsed(column ~ '_text', column) }} then '{{ column }} is no decimal number with two digits'
            {%- endfor %}
            when store_and_fwd_flag_text not in ('Y', 'N') then 'store_and_fwd_flag is neither Y nor N'
        end as quarantine_reason
    from typed

),

settled as (

    {{ delivery_outcomes('judged', ['record_digest', 'occurrence'], ['refresh_time', 'landing_file']) }}

)

select
    -- ids
    cast(record_digest as {{ text_type(64) }}) as record_digest,
    occurrence,
    vendor_id,
    rate_code_id,
    pickup_location_id,
    dropoff_location_id,
    payment_type as payment_type_id,
    -- numerics
    passenger_count,
    trip_distance as trip_distance_miles,
    fare_amount as fare_usd,
    extra as extra_usd,
    mta_tax as mta_tax_usd,
    tip_amount as tip_usd,
    tolls_amount as tolls_usd,
    improvement_surcharge as improvement_surcharge_usd,
    total_amount as total_usd,
    congestion_surcharge as congestion_surcharge_usd,
    -- booleans
    is_stored_and_forwarded,
    -- timestamps
    cast(picked_up_at as {{ timestamp_type() }}) as picked_up_at,
    cast(dropped_off_at as {{ timestamp_type() }}) as dropped_off_at,
    -- outcome
    cast(outcome as {{ text_type(16) }}) as outcome,
    cast(outcome_reason as {{ text_type(256) }}) as outcome_reason,
    cast(
        case
            when outcome = 'quarantined' then coalesce(
                invalid_record,
                {% for column in columns %}coalesce({{ column }}_text, ''){{ " || ',' ||\n                " if not loop.last }}{% endfor %}
            )
        end as {{ text_type(65535) }}
    ) as record_text,
    cast(unknown_fields as {{ text_type(65535) }}) as unknown_fields,
    -- load
    cast(landing_file as {{ text_type(1024) }}) as landing_file,
    cast(refresh_time as {{ timestamp_type() }}) as refresh_time,
    cast({{ load_time() | indent(4) }} as {{ timestamp_type() }}) as loaded_at,
    cast('{{ invocation_id }}' as {{ text_type(64) }}) as load_id
from settled
