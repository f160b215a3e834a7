{#
    Landed records of a Kafka topic with Debezium envelopes, wrapped in {schema, payload} or not. CTEs as in changes_from_columns().
    Changes are ordered by their position in the source (lsn; or file, pos and row), then by offset, never by ts_ms. The row of a delete is
    its before image, or the Kafka key where both images are null. A tombstone repeats the delete before it.
    A change that Debezium sends again after a restart has another offset and the same source position: it is known by that, its
    operation, its key and its images.
#}
{% macro changes_from_debezium(feed, deliveries, suffix, landing) -%}
{%- set fields = change_source_fields(feed) -%}
{%- set place = ['lsn', 'file', 'pos', 'row'] -%}
keyed{{ suffix }} as (

    select
        landed.*,
        {{ text_document(kafka_key_text('landed.kafka_key')) | indent(8) }} as key_document,
        {{ payload_child('landed.payload', ['payload']) | indent(8) }} as wrapped
    from {{ deliveries }} as landed

),

envelopes{{ suffix }} as (

    select
        keyed{{ suffix }}.*,
        {{ payload_child('key_document', ['payload']) | indent(8) }} as wrapped_key,
        case when wrapped is null then payload else wrapped end as envelope
    from keyed{{ suffix }}

),

images{{ suffix }} as (

    select
        envelopes{{ suffix }}.*,
        {{ payload_at('envelope', ['op']) | indent(8) }} as operation_text,
        {%- for part in place %}
        {{ payload_at('envelope', ['source', part]) | indent(8) }} as source_{{ part }},
        {%- endfor %}
        coalesce({{ payload_at('envelope', ['source', 'ts_ms']) }}, {{ payload_at('envelope', ['ts_ms']) }}) as committed_ms,
        {{ payload_child('envelope', ['before']) | indent(8) }} as before_image,
        {{ payload_child('envelope', ['after']) | indent(8) }} as after_image,
        case when wrapped_key is null then key_document else wrapped_key end as key_image
    from envelopes{{ suffix }}

),

row_images{{ suffix }} as (

    select
        images{{ suffix }}.*,
        case
            when after_image is not null then after_image
            when before_image is not null then before_image
            else key_image
        end as row_image
    from images{{ suffix }}

),

documents{{ suffix }} as (

    select
        row_images{{ suffix }}.*,
        {{ payload_document('row_image', fields) | indent(8) }} as row_document,
        {{ change_kind_of(feed, 'operation_text') | indent(8) }} as change_kind,
        {{ to_integer('committed_ms') | indent(8) }} as committed_number
    from row_images{{ suffix }}

),

normalised{{ suffix }} as (

    select
        '{{ landing }}' as landing,
        refresh_time,
        case when operation_text is not null then change_kind end as change_kind,
        {{ timestamp_from_epoch_ms('committed_number') | indent(8) }} as committed_at,
        case
            when operation_text is null then {{ exact_text([
                'kafka_partition', 'kafka_offset', elapsed_us(earliest_timestamp(), 'kafka_timestamp'), raw_bytes_as_text('invalid_payload')
            ]) | indent(16) }}
            else {{ exact_text([
                'operation_text', 'source_lsn', 'source_file', 'source_pos', 'source_row', payload_as_text('key_image'),
                payload_as_text('before_image'), payload_as_text('after_image')
            ]) | indent(16) }}
        end as identity_text,
        lpad(coalesce(source_lsn, ''), 20, '0') || ' ' || coalesce(source_file, '') || ' ' || lpad(coalesce(source_pos, ''), 20, '0')
        || ' ' || lpad(coalesce(source_row, ''), 20, '0') || ' ' || lpad({{ as_text('coalesce(kafka_partition, 0)') }}, 10, '0')
        || ' ' || lpad({{ as_text('coalesce(kafka_offset, 0)') }}, 20, '0') as change_order,
        {%- for name, column in feed.columns.items() %}
        {% if column.type == 'text' and name not in feed.key -%}
        {{ payload_field('row_document', column.from[0]) | indent(8) }}
        {%- else -%}
        {{ clean_text(payload_field('row_document', column.from[0])) | indent(8) }}
        {%- endif %} as {{ column_name(name) }},
        {%- endfor %}
        {{ payload_without('row_image', fields) | indent(8) }} as undeclared_columns,
        payload is null and invalid_payload is null and kafka_offset is not null as is_tombstone,
        case
            when kafka_offset is null then 'the record has no position'
            when invalid_payload is not null then 'the payload is no JSON'
            when payload is null then 'the payload is empty (tombstone)'
            when operation_text is null then 'the payload is no Debezium envelope: op is missing'
            when row_image is null then 'the change has neither images nor a key'
            {%- for name, column in feed.columns.items() %}
            when {{ payload_is_nested('row_document', column.from[0]) }} then '{{ column.from[0] }} is an object or an array'
            {%- endfor %}
        end as problem,
        coalesce({{ raw_bytes_as_text('invalid_payload') }}, {{ payload_as_text('payload') }}) as record_text
    from documents{{ suffix }}

),
{%- endmacro %}


{# The fields of a row image that the feed's columns are read from. #}
{% macro change_source_fields(feed) %}
    {%- set fields = [] -%}
    {%- for column in feed.columns.values() -%}{%- do fields.append(column.from[0]) -%}{%- endfor -%}
    {{ return(fields) }}
{% endmacro %}
