{#
    The records of one Kafka topic as delivered; the whole body of an mv_ model. Nothing is shredded, cast or filtered.
    Grain: one row per delivered record, re-deliveries included.
    Columns: kafka_partition, kafka_offset, kafka_timestamp (UTC; null where the record has none, see timestamp_from_landed_ms()),
    kafka_key, kafka_headers (names and values, JSON), refresh_time (UTC, when this project took it), payload (the JSON value),
    invalid_payload (what is no JSON: the bytes on Redshift, the text elsewhere; where the line a tool wrote cannot be read at all it is
    the whole line, and the position is null). Both are null for a tombstone.
    What Confluent's serializers put before the JSON, a zero and the number of a schema, is left out; on Redshift such a value is no JSON.
    topic: name of the topic as the cluster spells it (Redshift; elsewhere the model's landing_path says where the files are).
#}
{% macro kafka_records(topic) %}{{ return(adapter.dispatch('kafka_records', 'millrace')(topic)) }}{% endmacro %}

{% macro default__kafka_records(topic) %}{{ engine_refuses('kafka_records') }}{% endmacro %}

{# A streaming view takes no subquery and no alias of a column in a later expression; a conversion that fails would fail every
   refresh until the record expires. So: two guarded columns and nothing else. #}
{% macro redshift__kafka_records(topic) -%}
select
    kafka_partition,
    kafka_offset,
    kafka_timestamp,
    kafka_key,
    kafka_headers,
    refresh_time,
    case when can_json_parse(kafka_value) then json_parse(kafka_value) end as payload,
    case when not can_json_parse(kafka_value) then kafka_value end as invalid_payload
from {{ var('redshift_kafka_schema') }}."{{ topic }}"
{%- endmacro %}

{# The variables are set by the materialization: landing_files holds the files whose every line is a record, landing_odd_files those
   with a line that is none, with bytes that are no UTF-8, or with control characters, which are read line by line. #}
{% macro duckdb__kafka_records(topic) -%}
{%- set envelope = {'partition': 'INTEGER', 'offset': 'BIGINT', 'ts': 'BIGINT', 'key': 'VARCHAR', 'headers': 'JSON', 'payload': 'VARCHAR'} -%}
{%- set odd_envelope = dict(envelope, invalid_payload='VARCHAR') -%}
with

odd_records as (

    select json_transform(unnest(landing_file_records(odd_file, '{{ landing_options() }}')), '{{ tojson(odd_envelope) }}') as envelope
    from (select unnest(getvariable('landing_odd_files')) as odd_file) as odd_files

),

records as (

    select
        "partition" as kafka_partition,
        "offset" as kafka_offset,
        ts,
        key as kafka_key,
        headers as kafka_headers,
        payload as kafka_value,
        cast(null as varchar) as unreadable
    from read_json(
        getvariable('landing_files'),
        format = 'newline_delimited', ignore_errors = true,
        columns = {{ tojson(envelope) | replace('"', "'") }}
    )
    -- a line that cannot be read comes as a row of nulls; the materialization brings the line itself
    where "partition" is not null and "offset" is not null

    union all

    select
        envelope.partition as kafka_partition,
        envelope.offset as kafka_offset,
        envelope.ts as ts,
        envelope.key as kafka_key,
        envelope.headers as kafka_headers,
        envelope.payload as kafka_value,
        envelope.invalid_payload as unreadable
    from odd_records

),

checked as (

    select
        *,
        -- null for what is no JSON: reads it once, where a check and a cast would read it twice
        try_cast(kafka_value as json) as payload
    from records

)

select
    kafka_partition,
    kafka_offset,
    {{ timestamp_from_landed_ms('ts') }} as kafka_timestamp,
    kafka_key,
    kafka_headers,
    cast(getvariable('refresh_time') as timestamp) as refresh_time,
    payload,
    case when unreadable is not null then unreadable when payload is null then kafka_value end as invalid_payload
from checked
{%- endmacro %}

{# json_extract_scalar() of a text stops where it has found the value: of a line that was cut off it would read the position. So each line
   is parsed as a whole first. #}
{% macro athena__kafka_records(topic) -%}
with

landed_lines as (

    select
        lines.line,
        try(json_parse(lines.line)) as envelope
    from {{ landing_table() }} as lines
    {{ athena_new_files('lines') | indent(4) }}

),

records as (

    select
        line,
        try_cast(json_extract_scalar(envelope, '$.partition') as integer) as kafka_partition,
        try_cast(json_extract_scalar(envelope, '$.offset') as bigint) as kafka_offset,
        try_cast(json_extract_scalar(envelope, '$.ts') as bigint) as kafka_ts,
        json_extract_scalar(envelope, '$.key') as kafka_key,
        json_format(json_extract(envelope, '$.headers')) as kafka_headers,
        -- what Confluent's serializers put before the JSON: a zero, and four bytes with the number of a schema
        regexp_replace(json_extract_scalar(envelope, '$.payload'), '^\x00.{4}([{\[])', '$1') as kafka_value
    from landed_lines
    where line <> ''

),

checked as (

    select
        *,
        kafka_partition is not null and kafka_offset is not null as is_readable,
        try(json_parse(kafka_value)) is not null as is_json
    from records

)

select
    case when is_readable then kafka_partition end as kafka_partition,
    case when is_readable then kafka_offset end as kafka_offset,
    case when is_readable then {{ timestamp_from_landed_ms('kafka_ts') }} end as kafka_timestamp,
    kafka_key,
    case when kafka_headers <> 'null' then kafka_headers end as kafka_headers,  -- nullif() of a try() is an error within Trino
    {{ athena_refresh_time() }} as refresh_time,
    case when is_readable and is_json then kafka_value end as payload,
    case
        when not is_readable then line
        when not is_json then kafka_value
    end as invalid_payload
from checked
{%- endmacro %}
