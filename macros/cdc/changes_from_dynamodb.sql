{#
    Landed records of a Kinesis stream with DynamoDB item changes (INSERT, MODIFY, REMOVE). CTEs as in changes_from_columns().
    Attributes are read from the new image, or from the keys, whichever type they carry (S, N, BOOL; NULL is null). `from` is the path of an
    attribute: a name, or names and type letters joined by dots for what lies inside maps. A json column takes what stands there whole.
    Ordered by creation time, then by sequence number (text with up to 128 digits); known by eventID, or by position without one.
#}
{% macro changes_from_dynamodb(feed, deliveries, suffix, landing) -%}
images{{ suffix }} as (

    select
        landed.*,
        {{ payload_at('landed.payload', ['eventName']) | indent(8) }} as operation_text,
        {{ payload_at('landed.payload', ['eventID']) | indent(8) }} as event_id,
        {{ payload_at('landed.payload', ['dynamodb', 'ApproximateCreationDateTime']) | indent(8) }} as created_text,
        {{ payload_child('landed.payload', ['dynamodb', 'Keys']) | indent(8) }} as key_image,
        {{ payload_child('landed.payload', ['dynamodb', 'NewImage']) | indent(8) }} as new_image
    from {{ deliveries }} as landed

),

created{{ suffix }} as (

    select
        images{{ suffix }}.*,
        {{ change_kind_of(feed, 'operation_text') | indent(8) }} as change_kind,
        {{ to_integer('created_text') | indent(8) }} as created_number
    from images{{ suffix }}

),

timed{{ suffix }} as (

    select
        created{{ suffix }}.*,
        -- milliseconds, or microseconds where the stream is set to that precision
        case when created_number > 100000000000000 then created_number else created_number * 1000 end as created_us
    from created{{ suffix }}

),

normalised{{ suffix }} as (

    select
        '{{ landing }}' as landing,
        refresh_time,
        case when operation_text is not null then change_kind end as change_kind,
        {{ timestamp_from_epoch_us('created_us') | indent(8) }} as committed_at,
        coalesce(event_id, {{ exact_text(['shard_id', 'sequence_number', raw_bytes_as_text('invalid_payload')]) | indent(12) }}) as identity_text,
        lpad(coalesce({{ as_text('created_us') }}, ''), 20, '0') || ' ' || lpad(coalesce(sequence_number, ''), 128, '0') as change_order,
        {%- for name, column in feed.columns.items() %}
        {{ dynamodb_attribute(column) | indent(8) }} as {{ column_name(name) }},
        {%- endfor %}
        cast(null as {{ text_type(65535) }}) as undeclared_columns,
        false as is_tombstone,
        case
            when sequence_number is null then 'the record has no position'
            when payload is null then 'the payload is no JSON'
            when operation_text is null or key_image is null then 'the payload is no DynamoDB item change: eventName or Keys is missing'
        end as problem,
        coalesce({{ raw_bytes_as_text('invalid_payload') }}, {{ payload_as_text('payload') }}) as record_text
    from timed{{ suffix }}

),
{%- endmacro %}


{# Text of an attribute, whichever scalar type it carries. #}
{% macro dynamodb_attribute(column) -%}
    {%- set path = column.from[0].split('.') -%}
    {%- if column.type == 'json' -%}
    {{ payload_as_text(payload_child('new_image', path)) }}
    {%- else -%}
    coalesce(
        {%- for type in ['S', 'N', 'BOOL'] %}
        {{ payload_at('new_image', path + [type]) }},
        {%- endfor %}
        {{ payload_at('key_image', path + ['S']) }},
        {{ payload_at('key_image', path + ['N']) }}
    )
    {%- endif -%}
{%- endmacro %}
