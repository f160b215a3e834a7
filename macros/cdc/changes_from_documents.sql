{#
    Landed records of a stream whose payload is the new state of one row, without an envelope (a profile, a reading). CTEs as in
    changes_from_columns(). `from` is the path of a value, keys joined by dots; a json column takes what stands there whole.
    Deletes are told by an operation, or by a flag in the document (soft_delete). A value of another kind than its column's (an object where a
    text should be, a text where an object should be) is refused.
    Known by its position in the stream; a Firehose object has none, there a record is known by its text: Firehose and its producers
    deliver one again after a time-out, in the same object or in another. Ordered by commit time (a path, or 'arrival': when the stream took it in), then by change sequence (a
    path) where the feed has one, then by position.
#}
{% macro changes_from_documents(feed, deliveries, suffix, landing) -%}
{%- set position = {
    'kafka': ['kafka_partition', 'kafka_offset', elapsed_us(earliest_timestamp(), 'kafka_timestamp')],
    'kinesis': ['shard_id', 'sequence_number', 'sub_sequence_number'],
    'firehose': ['record_digest'],
}[feed.stream] -%}
{%- set arrival = {'kafka': 'kafka_timestamp', 'kinesis': 'approximate_arrival_timestamp', 'firehose': 'refresh_time'}[feed.stream] -%}
{%- set place = {
    'kafka': "lpad(coalesce(" ~ as_text('kafka_partition') ~ ", ''), 10, '0') || ' ' || lpad(coalesce(" ~ as_text('kafka_offset') ~ ", ''), 20, '0')",
    'kinesis': "lpad(coalesce(sequence_number, ''), 128, '0') || ' ' || coalesce(shard_id, '') || ' ' || lpad(coalesce(" ~ as_text('sub_sequence_number') ~ ", ''), 10, '0')",
    'firehose': "coalesce(landing_file, '') || ' ' || lpad(" ~ as_text('coalesce(record_number, 0)') ~ ", 20, '0')",
}[feed.stream] -%}
{%- set presence = {'kafka': 'kafka_offset', 'kinesis': 'sequence_number', 'firehose': 'refresh_time'}[feed.stream] -%}
texts{{ suffix }} as (

    select
        landed.*,
        coalesce({{ raw_bytes_as_text('landed.invalid_payload') }}, {{ payload_as_text('landed.payload') }}) as payload_text,
        {{ payload_at('landed.payload', feed.operation.from.split('.')) if feed.operation else 'cast(null as ' ~ text_type(256) ~ ')' }}
            as operation_text,
        {{ payload_at('landed.payload', feed.soft_delete.from.split('.')) if feed.soft_delete else 'cast(null as ' ~ text_type(256) ~ ')' }}
            as deleted_text,
        {{ payload_at('landed.payload', feed.change_sequence.split('.')) if feed.change_sequence else 'cast(null as ' ~ text_type(256) ~ ')' }}
            as sequence_text,
        {{ payload_at('landed.payload', feed.committed_at.split('.')) if feed.committed_at and feed.committed_at != 'arrival'
            else 'cast(null as ' ~ text_type(256) ~ ')' }} as committed_text
    from {{ deliveries }} as landed

),

digests{{ suffix }} as (

    select
        texts{{ suffix }}.*,
        {{ digest("coalesce(payload_text, '')") }} as record_digest
    from texts{{ suffix }}

),

normalised{{ suffix }} as (

    select
        '{{ landing }}' as landing,
        refresh_time,
        {%- set kind = change_kind_of(feed, 'operation_text') if feed.operation else "'update'" %}
        {% if feed.soft_delete -%}
        case when {{ is_deleted_flag(feed, 'deleted_text') }} then 'delete' else {{ kind }} end
        {%- else -%}
        {{ kind | indent(8) }}
        {%- endif %} as change_kind,
        {{ to_timestamp_utc('committed_text') | indent(8) if feed.committed_at and feed.committed_at != 'arrival' else arrival }} as committed_at,
        {{ exact_text(position + ["case when " ~ presence ~ " is null then payload_text end"]) | indent(8) }} as identity_text,
        coalesce({{ sortable_moment(
            to_timestamp_utc('committed_text') if feed.committed_at and feed.committed_at != 'arrival' else arrival
        ) | indent(8) }}, '') || ' ' {{ "|| lpad(coalesce(sequence_text, ''), 40, '0') || ' ' " if feed.change_sequence }}|| {{ place }} as change_order,
        {%- for name, column in feed.columns.items() %}
        {% if column.type == 'json' -%}
        {{ payload_as_text(payload_child('payload', column.from[0].split('.'))) | indent(8) }}
        {%- elif column.type == 'text' and name not in feed.key -%}
        {{ payload_at('payload', column.from[0].split('.')) | indent(8) }}
        {%- else -%}
        {{ clean_text(payload_at('payload', column.from[0].split('.'))) | indent(8) }}
        {%- endif %} as {{ column_name(name) }},
        {%- endfor %}
        {{ payload_without('payload', change_top_fields(feed)) | indent(8) }} as undeclared_columns,
        false as is_tombstone,
        case
            when {{ presence }} is null then 'the record has no position'
            when payload_text is null then 'the payload is empty (tombstone)'
            when payload is null then 'the payload is no JSON'
            {%- if feed.stream != 'firehose' %}
            when {{ is_implausible_time(arrival, 'refresh_time') }} then 'the time stamp is implausible'
            {%- endif %}
            {%- if feed.soft_delete %}
            when not {{ is_deleted_flag(feed, 'deleted_text') }} and not {{ is_present_flag(feed, 'deleted_text') }}
                then '{{ deleted_flag_complaint(feed) }}'
            {%- endif %}
            {%- for name, column in feed.columns.items() %}
            {%- set path = column.from[0].split('.') %}
            {%- for depth in range(1, path | length) %}
            when {{ payload_kind('payload', path[:depth]) }} in ('array', 'scalar') then '{{ path[:depth] | join('.') }} is no object'
            {%- endfor %}
            {%- if column.type != 'json' %}
            when {{ payload_kind('payload', path) }} in ('object', 'array') then '{{ column.from[0] }} is an object or an array'
            {%- endif %}
            {%- endfor %}
        end as problem,
        payload_text as record_text
    from digests{{ suffix }}

),
{%- endmacro %}


{# The top-level fields that the feed's columns are read from. #}
{% macro change_top_fields(feed) %}
    {%- set fields = [] -%}
    {%- for column in feed.columns.values() -%}{%- do fields.append(column.from[0].split('.')[0]) -%}{%- endfor -%}
    {%- if feed.operation and feed.operation.from -%}{%- do fields.append(feed.operation.from.split('.')[0]) -%}{%- endif -%}
    {%- if feed.soft_delete -%}{%- do fields.append(feed.soft_delete.from.split('.')[0]) -%}{%- endif -%}
    {%- if feed.change_sequence -%}{%- do fields.append(feed.change_sequence.split('.')[0]) -%}{%- endif -%}
    {%- if feed.committed_at and feed.committed_at != 'arrival' -%}{%- do fields.append(feed.committed_at.split('.')[0]) -%}{%- endif -%}
    {{ return(fields | unique | list) }}
{% endmacro %}
