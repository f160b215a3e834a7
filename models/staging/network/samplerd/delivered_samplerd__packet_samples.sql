{{ config(
    materialized='incremental',
    incremental_strategy='append',
    on_schema_change='append_new_columns',
    dist='even',
    sort='refresh_time',
    full_refresh=none if var('allow_full_refresh') else false,
    tags=['near_real_time'],
) }}
{%- set fields = [
    'sample_id', 'sampled_at', 'attack_id', 'account_id', 'system', 'rule', 'outcome', 'src_ip', 'src_port', 'dest_ip', 'dest_port',
    'protocol', 'length', 'sample_interval',
] -%}
{%- set texts = [] -%}
{%- for field in fields -%}{%- do texts.append('text_' ~ field) -%}{%- endfor -%}
-- Grain: one row per record that the topic of packet samples delivered, with what became of it.
-- A sample is known by all that it says, its sample_id among it: a producer that sends it again gives it another offset.
with

deliveries as (

    select
        samples.*,
        {{ payload_document('samples.payload', fields) }} as sample_document
    from {{ ref('mv_packet_samples') }} as samples
    where {{ is_new_delivery('samples') }}

),

shredded as (

    select
        kafka_partition,
        kafka_offset,
        refresh_time,
        payload is not null as is_json,
        coalesce({{ raw_bytes_as_text('invalid_payload') }}, {{ payload_as_text('payload') }}) as record_text,
        {%- for field in fields %}
        {{ clean_text(payload_field('sample_document', field)) }} as text_{{ field }},
        {%- endfor %}
        {% for field in fields %}{{ payload_is_nested('sample_document', field) }}{{ '\n        or ' if not loop.last }}{% endfor %} as has_nested_field
    from deliveries

),

typed as (

    select
        shredded.*,
        {{ to_timestamp_utc('text_sampled_at') }} as sampled_at,
        {{ to_integer('text_src_port') }} as source_port,
        {{ to_integer('text_dest_port') }} as destination_port,
        {{ to_integer('text_protocol') }} as ip_protocol,
        {{ to_integer('text_length') }} as packet_bytes,
        {{ to_integer('text_sample_interval') }} as sample_interval
    from shredded

),

judged as (

    select
        typed.*,
        case
            when kafka_offset is null then 'the record has no position'
            when record_text is null then 'the payload is empty (tombstone)'
            when not is_json then 'the payload is no JSON'
            when has_nested_field then 'a field is an object or an array'
            when text_sample_id is null then 'sample_id is missing'
            when sampled_at is null then 'sampled_at is missing or no timestamp'
            when {{ is_implausible_time('sampled_at', 'refresh_time') }} then 'the time stamp is implausible'
            when text_system is null then 'system is missing'
            when text_outcome is null or upper(text_outcome) not in ('DROP', 'PASS') then 'outcome is neither DROP nor PASS'
            when text_dest_ip is null then 'dest_ip is missing'
            when not {{ matches_pattern('text_dest_ip', ip_address_pattern()) }} then 'dest_ip is no IP address'
            when not {{ matches_pattern('text_src_ip', ip_address_pattern()) }} then 'src_ip is no IP address'
            when text_src_port is not null and (source_port is null or source_port not between 0 and 65535) then 'src_port is no port'
            when text_dest_port is not null and (destination_port is null or destination_port not between 0 and 65535) then 'dest_port is no port'
            when text_protocol is not null and (ip_protocol is null or ip_protocol not between 0 and 255) then 'protocol is no protocol number'
            when packet_bytes is null or packet_bytes not between 1 and 65535 then 'length is missing or not within 1 and 65535'
            -- the limit keeps its square within 64 bits
            when sample_interval is null or sample_interval not between 1 and 1000000000
                then 'sample_interval is missing or not within 1 and 1000000000'
            when
                {% for field in ['sample_id', 'attack_id', 'account_id', 'system', 'rule'] -%}
                {{ byte_length('text_' ~ field) }} > 256
                {{- '\n                or ' if not loop.last }}
                {%- endfor %}
                then 'a text is longer than 256 bytes'
        end as quarantine_reason
    from typed

),

identified as (

    select
        judged.*,
        case
            when quarantine_reason is null then {{ hash_key(texts) | indent(12) }}
            -- what cannot be read is known by its place and its text
            else {{ hash_key(['kafka_partition', 'kafka_offset', {'column': "coalesce(record_text, '')", 'trim': false}]) | indent(12) }}
        end as sample_digest
    from judged

),

settled as (

    {{ delivery_outcomes('identified', ['sample_digest'], ['refresh_time', 'kafka_partition', 'kafka_offset']) }}

)

select
    -- ids
    cast(sample_digest as {{ text_type(64) }}) as sample_digest,
    cast(text_sample_id as {{ text_type(256) }}) as sample_id,
    cast(text_attack_id as {{ text_type(256) }}) as attack_id,
    cast(text_account_id as {{ text_type(256) }}) as account_id,
    -- text
    cast(text_system as {{ text_type(256) }}) as mitigation_system,
    cast(text_rule as {{ text_type(256) }}) as mitigation_rule,
    cast(upper(text_outcome) as {{ text_type(256) }}) as mitigation_outcome,
    cast(lower(text_src_ip) as {{ text_type(256) }}) as source_ip,
    cast(lower(text_dest_ip) as {{ text_type(256) }}) as destination_ip,
    -- numerics
    source_port,
    destination_port,
    ip_protocol,
    packet_bytes,
    sample_interval,
    -- timestamps
    cast(sampled_at as {{ timestamp_type() }}) as sampled_at,
    -- position
    kafka_partition,
    kafka_offset,
    -- outcome
    cast(outcome as {{ text_type(16) }}) as outcome,
    cast(outcome_reason as {{ text_type(256) }}) as outcome_reason,
    cast(case when outcome = 'quarantined' then record_text end as {{ text_type(65535) }}) as record_text,
    -- load
    cast(refresh_time as {{ timestamp_type() }}) as refresh_time,
    {{ load_columns() }}
from settled
