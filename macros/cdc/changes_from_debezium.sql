{#
    Landed records of a Kafka topic that Debezium writes: envelopes, wrapped in {schema, payload} or not, or rows flattened by
    ExtractNewRecordState (told by __op or __deleted, or by operation: false). CTEs as in changes_from_columns().
    The row of a delete is its before image, or the Kafka key where both images are null. A tombstone repeats the delete before it, or is the
    delete itself where the feed says tombstones: delete.
    Changes are ordered by their position in the source, which every connector writes in its own fields (debezium_place()), then by offset,
    never by ts_ms. A record without a position (incremental snapshots have none) comes behind the one before it in its partition. A position
    that starts over begins an epoch (debezium_epochs()), and epochs are ordered first.
    A change that Debezium sends again after a restart has another offset and the same source position: it is known by that, its
    operation, its key and its images. Without a position it is known by partition and offset.
    Values in Debezium's own encodings are read by the declared type (debezium_value()).
#}
{% macro changes_from_debezium(feed, deliveries, suffix, landing) -%}
{%- set fields = change_source_fields(feed) -%}
{%- set metadata = ['__op', '__deleted'] -%}
{%- for part in debezium_places() -%}{%- do metadata.extend(['__source_' ~ part, '__' ~ part]) -%}{%- endfor -%}
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
        {{ payload_at('envelope', ['op']) | indent(8) }} as envelope_operation,
        {{ payload_at('envelope', ['__op']) | indent(8) }} as flat_operation,
        {{ payload_at('envelope', [feed.soft_delete.from if feed.soft_delete else '__deleted']) | indent(8) }} as deleted_text,
        {%- for part in debezium_places() %}
        coalesce(
            {{ payload_at('envelope', ['source', part]) }},
            {{ payload_at('envelope', ['__source_' ~ part]) }},
            {{ payload_at('envelope', ['__' ~ part]) }}
        ) as source_{{ part | lower }},
        {%- endfor %}
        {{ payload_at('envelope', ['ts_ms']) | indent(8) }} as envelope_ts_ms,
        {%- for part in ['before', 'after'] %}
        -- MongoDB's images are documents as text
        case
            when {{ payload_kind('envelope', [part]) }} = 'scalar' then {{ text_document(payload_at('envelope', [part])) | indent(16) }}
            else {{ payload_child('envelope', [part]) | indent(16) }}
        end as {{ part }}_image,
        {%- endfor %}
        case when wrapped_key is null then key_document else wrapped_key end as key_image
    from envelopes{{ suffix }}

),

row_images{{ suffix }} as (

    select
        images{{ suffix }}.*,
        envelope_operation is null and envelope is not null
        and {{ 'true' if feed.operation is sameas false else '(flat_operation is not null or deleted_text is not null)' }} as is_flat,
        payload is null and invalid_payload is null and kafka_offset is not null as is_empty,
        {{ 'coalesce(source_ts_ms, envelope_ts_ms)' }} as committed_ms
    from images{{ suffix }}

),

documents{{ suffix }} as (

    select
        row_images{{ suffix }}.*,
        case
            when is_flat then envelope
            when after_image is not null then after_image
            when before_image is not null then before_image
            -- the key alone is a row's end; of a change that keeps the row it would be a row of nulls
            when is_empty{{ ' or ' ~ change_kind_of(feed, 'envelope_operation') ~ " = 'delete'" if feed.operation }} then key_image
        end as row_image,
        {%- if feed.extended_json %}
        {{ text_document(payload_at('key_image', ['id'])) | indent(8) }} as key_value,
        {%- endif %}
        {{ debezium_place() | indent(8) }} as own_place,
        case
            {%- if feed.tombstones == 'delete' %}
            when is_empty then 'delete'
            {%- endif %}
            when is_flat then {{ debezium_flat_kind(feed) | indent(16) }}
        {%- if feed.operation %}
            when envelope_operation is not null then {{ change_kind_of(feed, 'envelope_operation') | indent(16) }}
            {%- endif %}
        end as change_kind,
        {{ to_integer('committed_ms') | indent(8) }} as committed_number
    from row_images{{ suffix }}

),

timed{{ suffix }} as (

    select
        documents{{ suffix }}.*,
        {{ payload_document('row_image', fields) | indent(8) }} as row_document,
        {%- for name, column in feed.columns.items() if column.type == 'decimal' %}
        {{ debezium_coded_number(feed, column, 'row_image') | indent(8) }} as {{ column_name(name, 'coded_') }},
        {{ debezium_scale(column, 'row_image') | indent(8) }} as {{ column_name(name, 'scale_') }},
        {%- endfor %}
        case
            when committed_number is not null then {{ moment_of_count('committed_number', ['ms']) | indent(16) }}
            when is_empty or is_flat then kafka_timestamp
        end as committed_at
    from documents{{ suffix }}

),

{{ debezium_epochs('timed' ~ suffix, suffix, landing) }}

normalised{{ suffix }} as (

    select
        '{{ landing }}' as landing,
        refresh_time,
        change_kind,
        committed_at,
        case
            when own_place is null or is_empty then {{ exact_text([
                'kafka_partition', 'kafka_offset', elapsed_us(earliest_timestamp(), 'kafka_timestamp'), raw_bytes_as_text('invalid_payload')
            ]) | indent(16) }}
            else {{ exact_text([
                'coalesce(envelope_operation, flat_operation, deleted_text)', 'own_place', 'source_server_id', payload_as_text('key_image'),
                payload_as_text('before_image'), payload_as_text('after_image'), 'case when is_flat then ' ~ payload_as_text('envelope') ~ ' end'
            ]) | indent(16) }}
        end as identity_text,
        epoch || ' ' || place || ' ' || lpad({{ as_text('coalesce(kafka_partition, 0)') }}, 10, '0')
        || ' ' || lpad({{ as_text('coalesce(kafka_offset, 0)') }}, 20, '0') as change_order,
        {%- for name, column in feed.columns.items() %}
        {{ debezium_value(
            feed, name, column, 'row_image', debezium_field(feed, column), column_name(name, 'coded_'), column_name(name, 'scale_')
        ) | indent(8) }} as {{ column_name(name) }},
        {%- endfor %}
        {{ payload_without('row_image', fields + metadata) | indent(8) }} as undeclared_columns,
        {{ 'false' if feed.tombstones == 'delete' else 'is_empty' }} as is_tombstone,
        case
            when kafka_offset is null then 'the record has no position'
            when invalid_payload is not null then 'the payload is no JSON'
            {%- if feed.tombstones == 'delete' %}
            when is_empty and key_image is null then 'a tombstone without a key'
            {%- else %}
            when payload is null then 'the payload is empty (tombstone)'
            {%- endif %}
            when not is_empty and not is_flat and envelope_operation is null then 'the payload is no Debezium envelope: op is missing'
            -- an operation that the feed does not declare is refused as that, whatever it carries
            when row_image is null and not is_empty and change_kind is null then null
            when row_image is null and key_image is not null then 'the change has no image of the row'
            when row_image is null then 'the change has neither images nor a key'
            when is_flat and not {{ is_deleted_flag(feed, 'deleted_text') }} and not {{ is_present_flag(feed, 'deleted_text') }}
                then '{{ deleted_flag_complaint(feed) }}'
            {%- for name, column in feed.columns.items() if column.type != 'json' %}
            {%- if column.type == 'decimal' %}
            when {{ payload_kind('row_image', [column.from[0]]) }} = 'array' or ({{ payload_kind('row_image', [column.from[0]]) }} = 'object' and {{ column_name(name, 'scale_') }} is null)
            {%- else %}
            when {{ payload_is_nested('row_document', column.from[0]) }}
            {%- endif %}
            {%- if feed.extended_json %} and {{ extended_json_value('row_image', [column.from[0]], column.type) }} is null
            {%- endif %} then '{{ column.from[0] }} is an object or an array'
            {%- endfor %}
        end as problem,
        coalesce({{ raw_bytes_as_text('invalid_payload') }}, {{ payload_as_text('payload') }}) as record_text
    from placed{{ suffix }}

),
{%- endmacro %}


{# The fields of a row image that the feed's columns are read from. #}
{% macro change_source_fields(feed) %}
    {%- set fields = [] -%}
    {%- for column in feed.columns.values() -%}{%- do fields.append(column.from[0]) -%}{%- endfor -%}
    {{ return(fields) }}
{% endmacro %}


{# The fields of a source block that tell a change's place in the source, of all connectors, and its time. #}
{% macro debezium_places() %}
    {{ return([
        'lsn', 'file', 'pos', 'row', 'server_id', 'commit_lsn', 'change_lsn', 'event_serial_no', 'commit_scn', 'scn', 'txSeq', 'rs_id', 'ssn',
        'ord', 'ts_ms'
    ]) }}
{% endmacro %}


{#
    Text that sorts as the positions of one server do; null where the record has none. PostgreSQL: lsn. SQL Server, Db2, Informix: commit_lsn,
    change_lsn, event_serial_no. Oracle: commit_scn (of several redo threads the first), txSeq, scn, rs_id, ssn. MySQL and MariaDB: number of
    the log file, pos, row. MongoDB: time of the operation and ord.
#}
{% macro debezium_place() -%}
case
    when source_commit_lsn is not null or source_change_lsn is not null
        then lpad(coalesce(source_commit_lsn, ''), 40, '0') || ' ' || lpad(coalesce(source_change_lsn, ''), 40, '0')
            || ' ' || lpad(coalesce(source_event_serial_no, ''), 20, '0')
    when source_scn is not null or source_commit_scn is not null
        then lpad({{ replace_pattern('coalesce(source_commit_scn, source_scn)', '[^0-9].*$', '') }}, 20, '0') || ' '
            || lpad(coalesce(source_txseq, ''), 20, '0') || ' ' || lpad(coalesce(source_scn, ''), 20, '0') || ' '
            || coalesce(source_rs_id, '') || ' ' || lpad(coalesce(source_ssn, ''), 20, '0')
    when source_file is not null
        then lpad({{ replace_pattern('source_file', '^.*[.]', '') }}, 20, '0') || ' ' || lpad(coalesce(source_pos, ''), 20, '0')
            || ' ' || lpad(coalesce(source_row, ''), 20, '0')
    when source_lsn is not null then lpad(source_lsn, 20, '0')
    when source_ord is not null then lpad(coalesce(source_ts_ms, ''), 20, '0') || ' ' || lpad(source_ord, 20, '0')
end
{%- endmacro %}


{#
    Kind of change of a flattened record: what its deleted flag says, else its operation; null where the flag says nothing that is known.
#}
{% macro debezium_flat_kind(feed) -%}
case
    when {{ is_deleted_flag(feed, 'deleted_text') }} then 'delete'
    when {{ is_present_flag(feed, 'deleted_text') }}
        then {{ "case when flat_operation is null then 'update' else " ~ change_kind_of(feed, 'flat_operation') ~ ' end'
            if feed.operation else "'update'" }}
end
{%- endmacro %}


{#
    CTE placed: the records with `epoch` and `place`. A record that is later than all before it in its partition, by offset and by the source's
    time, and earlier by position, shows that positions have started over (fail-over to a server with its own log, a restored or replaced
    database): with it an epoch begins, named by its time. What a restarted connector sends again is earlier by the source's time too, and
    begins none. A record that comes late belongs to the epoch that its time falls into.
    What earlier loads know of a partition is taken from the changes that they stored.
#}
{% macro debezium_epochs(records, suffix, landing) -%}
{%- set moment = sortable_moment('committed_at') -%}
{%- if is_incremental() -%}
stored_places{{ suffix }} as (

    select
        substring(change_order, length(change_order) - 30, 10) as partition_text,
        min(substring(change_order, length(change_order) - 19, 20)) as first_offset,
        max(substring(change_order, length(change_order) - 19, 20)) as last_offset,
        min(substring(change_order, 1, 20)) as first_epoch,
        max(substring(change_order, 1, 20)) as last_epoch,
        max({{ sortable_moment('event_at') }} || ' ' || substring(change_order, 22, length(change_order) - 53)) as last_place
    from {{ this }} as stored
    where stored.landing = '{{ landing }}' and stored.outcome <> 'duplicate' and stored.event_at is not null
    group by substring(change_order, length(change_order) - 30, 10)

),

{% endif -%}
sorted_places{{ suffix }} as (

    select
        records.*,
        case when committed_at is not null then {{ moment }} end as moment_text,
        {%- if is_incremental() %}
        stored.first_epoch,
        stored.last_epoch,
        stored.first_offset,
        stored.last_place,
        coalesce(lpad({{ as_text('records.kafka_offset') }}, 20, '0') < stored.last_offset, false) as is_late,
        {%- endif %}
        max(case when committed_at is not null and own_place is not null then {{ moment }} || ' ' || own_place end) over (
            partition by records.kafka_partition order by records.kafka_offset rows between unbounded preceding and 1 preceding
        ) as place_before
    from {{ records }} as records
    {%- if is_incremental() %}
    left join stored_places{{ suffix }} as stored
        on lpad({{ as_text('coalesce(records.kafka_partition, 0)') }}, 10, '0') = stored.partition_text
    {%- endif %}

),

followed_places{{ suffix }} as (

    select
        sorted_places{{ suffix }}.*,
        {%- if is_incremental() %}
        case
            when is_late then place_before
            when place_before is null or last_place > place_before then last_place
            else place_before
        end as furthest_place
        {%- else %}
        place_before as furthest_place
        {%- endif %}
    from sorted_places{{ suffix }}

),

restarted_places{{ suffix }} as (

    select
        followed_places{{ suffix }}.*,
        max(
            case
                when
                    {{ 'not is_late and ' if is_incremental() }}moment_text > substring(furthest_place, 1, 20)
                    and own_place < substring(furthest_place, 22, 2000)
                    then moment_text
            end
        ) over (partition by kafka_partition order by kafka_offset rows between unbounded preceding and current row) as restarted_at,
        min(moment_text) over (partition by kafka_partition) as began_at
    from followed_places{{ suffix }}

),

placed{{ suffix }} as (

    select
        restarted_places{{ suffix }}.*,
        coalesce(own_place, substring(furthest_place, 22, 2000), '') as place,
        lpad(coalesce(
            restarted_at,
            {%- if is_incremental() %}
            case
                when not is_late then last_epoch
                when moment_text >= last_epoch then last_epoch
                when moment_text < first_epoch and lpad({{ as_text('kafka_offset') }}, 20, '0') < first_offset then ''
                else first_epoch
            end,
            {%- endif %}
            began_at,
            ''
        ), 20, '0') as epoch
    from restarted_places{{ suffix }}

),
{%- endmacro %}


{#
    Text of a column's field. Where the feed says extended_json: also what MongoDB's extended JSON writes as an object, and of the identifier `_id` what the
    Kafka key has as `id`, where there is no document.
#}
{% macro debezium_field(feed, column) -%}
{%- set field = column.from[0] -%}
{%- set key = payload_at('key_image', ['id']) -%}
{%- if not feed.extended_json -%}
{{ payload_field('row_document', field) }}
{%- else -%}
coalesce(
    {{ payload_field('row_document', field) }},
    {{ extended_json_value('row_image', [field], column.type) }}
    {%- if field == '_id' %},
    case
        when after_image is null and before_image is null
            then coalesce(
                {{ extended_json_value('key_value', [], column.type) | indent(16) }},
                case when substring({{ key }}, 1, 1) not in ('{', '[') then {{ replace_pattern(key, '^"(.*)"$', '\\1') }} end
            )
    end
    {%- endif %}
)
{%- endif -%}
{%- endmacro %}


{#
    Text of a value that MongoDB's extended JSON (canonical, relaxed and the older strict form) writes as an object: an identifier, a number, a moment in
    milliseconds. Null where it is none of a kind that the declared type holds.
    image: payload. path: keys of the value in it. type: declared type of the column.
#}
{% macro extended_json_value(image, path, type) -%}
{%- set kinds = {
    'text': [['$oid'], ['$symbol'], ['$uuid']], 'integer': [['$numberInt'], ['$numberLong']],
    'date': [['$date', '$numberLong'], ['$date'], ['$numberLong']], 'timestamp': [['$date', '$numberLong'], ['$date'], ['$numberLong']],
}.get(type, []) -%}
{%- if type in ('text', 'decimal', 'float') -%}
    {%- set kinds = kinds + [['$numberInt'], ['$numberLong'], ['$numberDouble'], ['$numberDecimal']] -%}
{%- endif -%}
{%- if not kinds -%}
cast(null as {{ text_type(65535) }})
{%- else -%}
coalesce(
    {%- for kind in kinds %}
    {{ payload_at(image, path + kind) }}{{ ',' if not loop.last }}
    {%- endfor %}
)
{%- endif -%}
{%- endmacro %}


{# Bytes of a decimal column's value in hexadecimal; null where it is written as a number. image: payload with the row. #}
{% macro debezium_coded_number(feed, column, image) -%}
{%- set field = column.from[0] -%}
{%- set text = payload_at(image, [field]) -%}
{{ base64_as_hex('coalesce(' ~ payload_at(image, [field, 'value']) ~ ', '
    ~ (text if feed.decimals == 'base64'
        else 'case when ' ~ text ~ " not like '%.%' and not " ~ matches_pattern(text, '^[+-]?[0-9]+$') ~ ' then ' ~ text ~ ' end') ~ ')') }}
{%- endmacro %}


{# How many digits of these bytes are behind the point: as the value says, else as the column declares. #}
{% macro debezium_scale(column, image) -%}
{%- set field = column.from[0] -%}
coalesce(
    {{ to_integer(payload_at(image, [field, 'scale'])) | indent(4) }},
    case when {{ payload_at(image, [field]) }} is not null then {{ (column.size or [18, 4])[1] | default(0) }} end
)
{%- endmacro %}


{#
    Text of a column's value as a file would have it. Dates come as days since 1970, timestamps as milli-, micro- or nanoseconds (known by
    their size) or as text with up to nine digits behind the second, decimals as bytes in base64 with or without their scale.
    image: payload with the row. found: expression of the field's text. coded, scale: of a decimal column, as the macros above give them.
#}
{% macro debezium_value(feed, name, column, image, found, coded, scale) -%}
{%- set text = clean_text(found) -%}
{%- if column.type == 'text' and name not in feed.key -%}
{{ found }}
{%- elif column.type == 'json' -%}
coalesce({{ found }}, {{ payload_as_text(payload_child(image, [column.from[0]])) }})
{%- elif column.type == 'date' -%}
case
    when {{ matches_pattern(text, '^-?[0-9]{1,6}$') }} then {{ as_text(add_days("cast('1970-01-01' as date)", to_integer(text))) }}
    when {{ matches_pattern(text, '^-?[0-9]{9,19}$') }} then {{ as_text(moment_of_count(to_integer(text), ['ms', 'us', 'ns'])) }}
    when {{ matches_pattern(text, '^[0-9]{4}-[0-9]{2}-[0-9]{2}Z$') }} then substring({{ text }}, 1, 10)
    else {{ text }}
end
{%- elif column.type == 'timestamp' -%}
case
    when {{ matches_pattern(text, '^-?[0-9]{1,19}$') }} then {{ as_text(moment_of_count(to_integer(text), ['ms', 'us', 'ns'])) }}
    else {{ replace_pattern(text, '([.][0-9]{6})[0-9]{1,3}', '\\1') }}
end
{%- elif column.type == 'decimal' -%}
coalesce({{ number_of_hex(coded, scale) }}, {{ text }})
{%- else -%}
{{ text }}
{%- endif -%}
{%- endmacro %}
