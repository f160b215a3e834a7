{#
    The records of one Kinesis stream as delivered; the whole body of an mv_ model. Nothing is shredded, cast or filtered.
    Grain: one row per delivered record, re-deliveries included.
    Columns: shard_id, sequence_number (text: it has more digits than any number type), sub_sequence_number (which of several that the
    producer put into one record, from 0), approximate_arrival_timestamp (UTC), partition_key, refresh_time, payload and invalid_payload
    as in kafka_records().
    A record of the Kinesis Producer Library, a gzipped one, several documents in one and an array of objects are taken apart on DuckDB; on
    Redshift and Athena such a record is no JSON.
    stream: name of the stream as Kinesis spells it (Redshift; elsewhere the model's landing_path says where the files are, one folder
    per shard, landing_format kinesis).
#}
{% macro kinesis_records(stream) %}{{ return(adapter.dispatch('kinesis_records', 'millrace')(stream)) }}{% endmacro %}

{% macro default__kinesis_records(stream) %}{{ engine_refuses('kinesis_records') }}{% endmacro %}

{% macro redshift__kinesis_records(stream) -%}
select
    shard_id,
    sequence_number,
    cast(0 as bigint) as sub_sequence_number,
    approximate_arrival_timestamp,
    partition_key,
    refresh_time,
    case when can_json_parse(kinesis_data) then json_parse(kinesis_data) end as payload,
    case when not can_json_parse(kinesis_data) then kinesis_data end as invalid_payload
from {{ var('redshift_kinesis_schema') }}."{{ stream }}"
{%- endmacro %}

{% macro duckdb__kinesis_records(stream) -%}
with

landed_records as (

    select json_transform(
        unnest(landing_file_records(odd_file, '{{ landing_options() }}')),
        '{"shard_id":"VARCHAR","sequence_number":"VARCHAR","sub_sequence_number":"BIGINT","arrived_at":"VARCHAR","partition_key":"VARCHAR","payload":"VARCHAR","invalid_payload":"VARCHAR"}'
    ) as envelope
    from (select unnest(getvariable('landing_odd_files')) as odd_file) as odd_files

)

select
    envelope.shard_id as shard_id,
    envelope.sequence_number as sequence_number,
    envelope.sub_sequence_number as sub_sequence_number,
    coalesce(
        to_timestamp({{ clamped_epoch('try_cast(envelope.arrived_at as double)', 1) }}) at time zone 'UTC',
        try_cast(envelope.arrived_at as timestamptz) at time zone 'UTC'
    ) as approximate_arrival_timestamp,
    envelope.partition_key as partition_key,
    cast(getvariable('refresh_time') as timestamp) as refresh_time,
    cast(case when json_valid(envelope.payload) then envelope.payload end as json) as payload,
    coalesce(envelope.invalid_payload, case when not json_valid(envelope.payload) then envelope.payload end) as invalid_payload
from landed_records
{%- endmacro %}

{# The file is one document, possibly over many lines: Athena reads lines, and a consumer for it writes each answer on one. #}
{% macro athena__kinesis_records(stream) -%}
with

landed_answers as (

    select
        lines.line,
        regexp_extract(lines."$path", '([^/]+)/[^/]+$', 1) as shard_id
    from {{ landing_table() }} as lines
    {{ athena_new_files('lines') | indent(4) }}

),

records as (

    select
        answers.shard_id,
        answers.line,
        delivered.record
    from landed_answers as answers
    left join unnest(try(cast(json_extract(json_parse(answers.line), '$.Records') as array(json)))) as delivered (record) on true
    where answers.line <> ''

),

decoded as (

    select
        shard_id,
        line,
        json_extract_scalar(record, '$.SequenceNumber') as sequence_number,
        json_extract_scalar(record, '$.ApproximateArrivalTimestamp') as arrived_at,
        json_extract_scalar(record, '$.PartitionKey') as partition_key,
        try(from_utf8(from_base64(json_extract_scalar(record, '$.Data')))) as kinesis_data
    from records

),

checked as (

    select
        *,
        sequence_number is not null and kinesis_data is not null as is_readable,
        try(json_parse(kinesis_data)) is not null as is_json
    from decoded

)

select
    shard_id,
    case when is_readable then sequence_number end as sequence_number,
    case when is_readable then cast(0 as bigint) end as sub_sequence_number,
    coalesce(
        cast(from_unixtime({{ clamped_epoch('try_cast(arrived_at as double)', 1) }}) at time zone 'UTC' as timestamp(6)),
        {{ to_timestamp_utc('arrived_at') | indent(8) }}
    ) as approximate_arrival_timestamp,
    partition_key,
    {{ athena_refresh_time() }} as refresh_time,
    case when is_readable and is_json then kinesis_data end as payload,
    case
        when not is_readable then line
        when not is_json then kinesis_data
    end as invalid_payload
from checked
{%- endmacro %}
