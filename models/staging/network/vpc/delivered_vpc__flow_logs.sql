{{ config(
    materialized='incremental',
    incremental_strategy='append',
    on_schema_change='append_new_columns',
    dist='even',
    sort='refresh_time',
    full_refresh=none if var('allow_full_refresh') else false,
    tags=['near_real_time'],
) }}
{%- set columns = [
    'version', 'account_id', 'interface_id', 'srcaddr', 'dstaddr', 'srcport', 'dstport', 'protocol', 'packets', 'bytes', 'window_start',
    'window_end', 'action', 'log_status',
] -%}
{%- set whole_numbers = {'srcport': 65535, 'dstport': 65535, 'protocol': 255} -%}
{%- set texts = [] -%}
{%- for column in columns -%}{%- do texts.append(column ~ '_text') -%}{%- endfor -%}
-- Grain: one row per record of the landed flow logs, with what became of it.
-- A record has no key and is known by its values: a flow has one record per network interface and window, so that an equal one is the same, delivered
-- again or written by a second flow log over the same interface.
with

deliveries as (

    select records.*
    from {{ ref('copy_vpc_flow_logs') }} as records
    where {{ is_new_delivery('records') }}

),

cleaned as (

    select
        {%- for column in columns %}
        -- a dash is a value that there is not
        nullif({{ clean_text(column) }}, '-') as {{ column }}_text,
        {%- endfor %}
        invalid_record,
        unknown_fields,
        coalesce(landing_file, '') as landing_file,
        refresh_time
    from deliveries

),

identified as (

    select
        cleaned.*,
        {{ hashdiff(texts + ['invalid_record', 'unknown_fields'], trim=true) | indent(8) }} as record_digest
    from cleaned

),

parsed as (

    select
        identified.*,
        {{ to_integer('version_text') }} as log_version,
        {%- for column in whole_numbers %}
        {{ to_integer(column ~ '_text') }} as {{ column }},
        {%- endfor %}
        {{ to_integer('packets_text') }} as packets,
        {{ to_integer('bytes_text') }} as bytes_transferred,
        {{ to_integer('window_start_text') }} as start_seconds,
        {{ to_integer('window_end_text') }} as end_seconds
    from identified

),

typed as (

    select
        parsed.*,
        {{ moment_of_count('start_seconds', ['s']) | indent(8) }} as started_at,
        {{ moment_of_count('end_seconds', ['s']) | indent(8) }} as ended_at
    from parsed

),

judged as (

    select
        typed.*,
        case
            when invalid_record is not null then 'the record does not fit the header'
            when log_version is null then 'version is missing or no whole number'
            when account_id_text is null then 'account-id is missing'
            when interface_id_text is null then 'interface-id is missing'
            when log_status_text is null or log_status_text not in ('OK', 'NODATA', 'SKIPDATA') then 'log-status is none of OK, NODATA and SKIPDATA'
            when started_at is null then 'start is missing or no time in Unix seconds'
            when ended_at is null then 'end is missing or no time in Unix seconds'
            when {{ is_implausible_time('started_at', 'refresh_time') }} or {{ is_implausible_time('ended_at', 'refresh_time') }}
                then 'the time stamp is implausible'
            when end_seconds < start_seconds then 'end is before start'
            {%- for column, largest in whole_numbers.items() %}
            when {{ column }}_text is not null and ({{ column }} is null or {{ column }} not between 0 and {{ largest }})
                then '{{ column }} is no whole number within 0 and {{ largest }}'
            {%- endfor %}
            when packets_text is not null and (packets is null or packets < 0) then 'packets is no whole number'
            when bytes_text is not null and (bytes_transferred is null or bytes_transferred < 0) then 'bytes is no whole number'
            when log_status_text = 'OK' and (packets is null or bytes_transferred is null) then 'packets or bytes are missing'
            when log_status_text = 'OK' and (action_text is null or action_text not in ('ACCEPT', 'REJECT'))
                then 'action is neither ACCEPT nor REJECT'
            when
                {% for column in ['account_id', 'interface_id', 'srcaddr', 'dstaddr'] -%}
                {{ byte_length(column ~ '_text') }} > 256
                {{- '\n                or ' if not loop.last }}
                {%- endfor %}
                then 'a text is longer than 256 bytes'
        end as quarantine_reason
    from typed

),

settled as (

    {{ delivery_outcomes('judged', ['record_digest'], ['refresh_time', 'landing_file']) }}

)

select
    -- ids
    cast(record_digest as {{ text_type(64) }}) as record_digest,
    cast(account_id_text as {{ text_type(1024) }}) as account_id,
    cast(interface_id_text as {{ text_type(1024) }}) as interface_id,
    -- text
    cast(lower(srcaddr_text) as {{ text_type(1024) }}) as source_ip,
    cast(lower(dstaddr_text) as {{ text_type(1024) }}) as destination_ip,
    cast(action_text as {{ text_type(1024) }}) as traffic_action,
    cast(log_status_text as {{ text_type(1024) }}) as log_status,
    -- numerics
    log_version,
    srcport as source_port,
    dstport as destination_port,
    protocol as ip_protocol,
    packets,
    bytes_transferred,
    -- timestamps
    cast(started_at as {{ timestamp_type() }}) as started_at,
    cast(ended_at as {{ timestamp_type() }}) as ended_at,
    -- outcome
    cast(outcome as {{ text_type(16) }}) as outcome,
    cast(outcome_reason as {{ text_type(256) }}) as outcome_reason,
    cast(
        case
            when outcome = 'quarantined' then coalesce(
                invalid_record,
                {% for column in columns %}coalesce({{ column }}_text, '-'){{ " || ' ' ||\n                " if not loop.last }}{% endfor %}
            )
        end as {{ text_type(65535) }}
    ) as record_text,
    cast(unknown_fields as {{ text_type(65535) }}) as unknown_fields,
    -- load
    cast(landing_file as {{ text_type(1024) }}) as landing_file,
    cast(refresh_time as {{ timestamp_type() }}) as refresh_time,
    {{ load_columns() }}
from settled
