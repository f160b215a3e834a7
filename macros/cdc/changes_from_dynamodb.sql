{#
    Landed records of a Kinesis stream with DynamoDB item changes (INSERT, MODIFY, REMOVE). CTEs as in changes_from_columns().
    Attributes are read from the new image, or from the keys, whichever type they carry (S, N, BOOL; NULL is null). `from` is the path of an
    attribute: a name, or names and type letters joined by dots for what lies inside maps. A json column takes what stands there whole; in
    another column a binary value, a list, a map or a set is refused. Attributes that nobody declared are kept, typed as they come.
    Ordered by creation time (seconds from DynamoDB Streams, milli- or microseconds from Kinesis Data Streams for DynamoDB; by their size), then by sequence number (text with up to 128 digits); known by eventID, or by position without one.
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
        {{ to_integer('created_text') | indent(8) }} as created_number,
        -- what some writers make of seconds: 1.722360292E9, 1722360292.5
        {{ to_float('created_text') | indent(8) }} as created_float
    from images{{ suffix }}

),

moments{{ suffix }} as (

    select
        created{{ suffix }}.*,
        case
            when created_number is not null then {{ moment_of_count('created_number', ['s', 'ms', 'us']) | indent(16) }}
            when abs(created_float) < 10000000000 then {{ timestamp_from_epoch_us('cast(created_float * 1000000 as bigint)') }}
            else {{ to_timestamp_utc('created_text') | indent(16) }}
        end as committed_at
    from created{{ suffix }}

),

normalised{{ suffix }} as (

    select
        '{{ landing }}' as landing,
        refresh_time,
        case when operation_text is not null then change_kind end as change_kind,
        committed_at,
        coalesce(event_id, {{ exact_text(['shard_id', 'sequence_number', raw_bytes_as_text('invalid_payload')]) | indent(12) }}) as identity_text,
        coalesce({{ sortable_moment('committed_at') }}, '') || ' ' || lpad(coalesce(sequence_number, ''), 128, '0') as change_order,
        {%- for name, column in feed.columns.items() %}
        {{ dynamodb_attribute(column) | indent(8) }} as {{ column_name(name) }},
        {%- endfor %}
        {{ payload_without('new_image', change_top_fields(feed)) | indent(8) }} as undeclared_columns,
        false as is_tombstone,
        case
            when sequence_number is null then 'the record has no position'
            when payload is null then 'the payload is no JSON'
            when operation_text is null or key_image is null then 'the payload is no DynamoDB item change: eventName or Keys is missing'
            {%- for name, column in feed.columns.items() %}
            {%- set path = column.from[0].split('.') %}
            {#- an attribute, then the type letter that leads into it, and so on #}
            {%- for depth in range(1, path | length, 2) %}
            when {{ payload_kind('new_image', path[:depth]) }} = 'object' and {{ payload_kind('new_image', path[:depth + 1]) }} is null
                and {{ payload_at('new_image', path[:depth] + ['NULL']) }} is null then '{{ path[:depth] | join('.') }} is not of the type {{ path[depth] }}'
            {%- endfor %}
            {%- if column.type != 'json' and path | length % 2 == 1 %}
            when {{ payload_kind('new_image', path) }} = 'object' and {{ dynamodb_attribute(column) | indent(16) }} is null
                and {{ payload_at('new_image', path + ['NULL']) }} is null then '{{ column.from[0] }} is a binary value, a list, a map or a set'
            {%- endif %}
            {%- endfor %}
        end as problem,
        coalesce({{ raw_bytes_as_text('invalid_payload') }}, {{ payload_as_text('payload') }}) as record_text
    from moments{{ suffix }}

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
