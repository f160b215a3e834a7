{#
    Landed records of a feed whose files have one column per source column (DMS, AppFlow, COPY) in the shape that delivered_changes() goes
    on with. CTEs; the last one is normalised<suffix>.
    A change is known by key, commit time and change sequence where the feed has a sequence. Without one it is known by everything it
    says, and by how often its file has said it before, so that a file delivered twice adds nothing and A, B, A in one file stays three.
    Without a commit time the file is part of what it is known by.
#}
{% macro changes_from_columns(feed, deliveries, suffix, landing, has_operation) -%}
{%- set nulls = feed.null_values -%}
{%- do refuse_missing_columns(feed, landing, has_operation) -%}
{%- set has_operation = has_operation and feed.operation -%}
{%- set control = [] -%}
{%- if has_operation -%}{%- do control.append(feed.operation.from) -%}{%- endif -%}
{%- if feed.soft_delete -%}{%- do control.append(feed.soft_delete.from) -%}{%- endif -%}
{%- if feed.committed_at and feed.committed_at != 'arrival' -%}{%- do control.append(feed.committed_at) -%}{%- endif -%}
{#- a full load has no sequence, and its table may not have the column -#}
{%- set sequence = feed.change_sequence if has_operation else none -%}
{%- if sequence -%}{%- do control.append(sequence) -%}{%- endif -%}
{%- set source_columns = [] -%}
{%- for column in feed.columns.values() -%}{%- do source_columns.extend(column.from) -%}{%- endfor -%}
{%- set read_columns = [] -%}
{%- for column in (control + source_columns) | unique -%}{%- do read_columns.append(column_name(column)) -%}{%- endfor -%}
fields{{ suffix }} as (

    select
        refresh_time,
        coalesce(landing_file, '') as landing_file,
        coalesce(record_number, 0) as record_number,
        invalid_record,
        unknown_fields,
        {{ digest(exact_text(['unknown_fields', 'invalid_record'] + read_columns)) | indent(8) }} as record_digest,
        {{ exact_text(read_columns) | indent(8) }} as record_fields,
        {{ change_text(feed.operation.from, nulls) if has_operation else 'cast(null as ' ~ text_type(256) ~ ')' }} as operation_text,
        {{ change_text(feed.soft_delete.from, nulls) if feed.soft_delete else "cast(null as " ~ text_type(256) ~ ")" }} as deleted_text,
        {{ change_text(feed.committed_at, nulls) if feed.committed_at and feed.committed_at != 'arrival'
            else 'cast(null as ' ~ text_type(256) ~ ')' }} as committed_text,
        {{ change_text(sequence, nulls) if sequence else 'cast(null as ' ~ text_type(256) ~ ')' }} as sequence_text
        {%- for name, column in feed.columns.items() %},
        coalesce(
            {%- for source in column.from %}
            {% if column.type in ('date', 'timestamp') -%}
            {{ without_zero_date(change_text(source, nulls)) }},
            {%- else -%}
            {{ change_text(source, nulls, keep_blanks=column.type == 'text' and name not in feed.key) }},
            {%- endif %}
            {%- endfor %}
            {%- for source in column.from %}
            {{ payload_at('landed.unknown_document', [source]) }}{{ ',' if not loop.last }}
            {%- endfor %}
        ) as {{ column_name(name, 'source_') }}
        {%- endfor %}
    from (
        select
            {{ deliveries }}.*,
            {{ text_document('unknown_fields') }} as unknown_document
        from {{ deliveries }}
    ) as landed

),

kinds{{ suffix }} as (

    select
        fields{{ suffix }}.*,
        {% if feed.soft_delete -%}
        case
            when {{ is_deleted_flag(feed, 'deleted_text') }} then 'delete'
            when {{ is_present_flag(feed, 'deleted_text') }} then {{ "'update'" if not has_operation else change_kind_of(feed, 'operation_text') | indent(12) }}
        end
        {%- elif has_operation -%}
        {{ change_kind_of(feed, 'operation_text') | indent(8) }}
        {%- elif feed.operation -%}
        'snapshot'
        {%- else -%}
        'update'
        {%- endif %} as change_kind,
        {{ moment_of_arrival(feed, 'landing_file, record_number') | indent(8) if feed.committed_at in (none, 'arrival')
            else to_timestamp_utc('committed_text') | indent(8) }} as committed_at,
        row_number() over (partition by refresh_time, landing_file, record_digest order by record_number) as occurrence
    from fields{{ suffix }}

),

normalised{{ suffix }} as (

    select
        '{{ landing }}' as landing,
        refresh_time,
        change_kind,
        committed_at,
        {% if sequence -%}
        case
            when sequence_text is not null
                then {{ exact_text(source_keys(feed) + ['committed_text', 'sequence_text', 'operation_text']) | indent(20) }}
            else {{ change_identity(feed) }}
        end
        {%- else -%}
        {{ change_identity(feed) }}
        {%- endif %} as identity_text,
        {% if feed.snapshots == 'first' %}case when change_kind = 'snapshot' then '0' else '1' end{% else %}'1'{% endif %}
        || ' ' || {{ "''" if feed.committed_at in (none, 'arrival') else 'coalesce(' ~ sortable_moment('committed_at') ~ ", '')" }}
        {#- Redshift's COPY does not tell the file: there loads come one after the other, and within one the numbers of its records -#}
        || ' ' || lpad(coalesce(sequence_text, ''), 40, '0')
        || ' ' || case when landing_file = '' then coalesce({{ sortable_moment('refresh_time') }}, '') else landing_file end || ' '
        || lpad({{ as_text('record_number') }}, 20, '0') as change_order,
        {%- for name in feed.columns %}
        {{ column_name(name, 'source_') }} as {{ column_name(name) }},
        {%- endfor %}
        unknown_fields as undeclared_columns,
        false as is_tombstone,
        case
            when invalid_record is not null then 'the record does not fit the header'
            {%- set first = feed.columns.keys() | list | first %}
            when lower({{ column_name(first, 'source_') }}) = '{{ feed.columns[first].from[0] | lower }}' then 'the record is the header of its file'
            {%- if feed.soft_delete %}
            when not {{ is_deleted_flag(feed, 'deleted_text') }} and not {{ is_present_flag(feed, 'deleted_text') }}
                then '{{ deleted_flag_complaint(feed) }}'
            {%- endif %}
        end as problem,
        coalesce(invalid_record, record_fields) as record_text
    from kinds{{ suffix }}

),
{%- endmacro %}


{#
    The moment at which a file's record counts as having come, where nothing else tells when it happened: when its load took it, and a
    microsecond later for each record of the same row before it, so that several of one load have versions as those of several loads have.
#}
{% macro moment_of_arrival(feed, place) -%}
{{ add_microseconds('refresh_time', '(row_number() over (partition by ' ~ (source_keys(feed) + ['refresh_time']) | join(', ')
    ~ ' order by ' ~ place ~ ') - 1)') }}
{%- endmacro %}


{% macro source_keys(feed) %}
    {%- set keys = [] -%}
    {%- for key in feed.key -%}{%- do keys.append(column_name(key, 'source_')) -%}{%- endfor -%}
    {{ return(keys) }}
{% endmacro %}


{# What a change without a sequence is known by. #}
{% macro change_identity(feed) -%}
    record_digest || ' ' || {{ as_text('occurrence') }}
    {%- if feed.committed_at in (none, 'arrival') %} || ' ' || landing_file || case when landing_file = '' then {{ as_text('record_number') }} else '' end{% endif %}
{%- endmacro %}


{# Text of a landed column; the texts that stand for null are null, and so is blank text unless it is kept. #}
{% macro change_text(column, nulls, keep_blanks=false) -%}
    {%- set wrapped = namespace(text=as_text('landed.' ~ column_name(column))) -%}
    {%- for value in nulls -%}{%- set wrapped.text = 'nullif(' ~ wrapped.text ~ ", '" ~ value ~ "')" -%}{%- endfor -%}
    {{ wrapped.text if keep_blanks else clean_text(wrapped.text) }}
{%- endmacro %}


{# A date or time as text; MySQL's 0000-00-00, which stands for none, is null. #}
{% macro without_zero_date(text) -%}
    case when {{ text }} not like '0000-00-00%' then {{ text }} end
{%- endmacro %}
