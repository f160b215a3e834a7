{#
    The records that a change feed delivered, with what became of each: the whole body of a delivered_ model.
    Grain: one row per delivered record. Columns: change_id (the change's identity: a change delivered again has the same), change_kind
    (snapshot, insert, update, delete), event_at (when it was committed), change_order (text that sorts as the changes happened), the
    declared columns as text, undeclared_columns (JSON text of fields that nobody declared), outcome, outcome_reason, record_text, landing,
    refresh_time, loaded_at, load_id.
    Values stay text so that a widened type needs no rebuilt table; accepted_changes() gives them their types.
    feed: name of the feed in the variable change_feeds. landings: list of ref()s to landing models, or of {'relation': ref(),
    'is_full_load': true} for one that holds full loads, with or without an operation column.
#}
{% macro delivered_changes(feed, landings) %}
    {%- set feed = change_feed(feed) -%}
    {%- set names = feed.columns.keys() | list -%}
    {{- config(
        materialized='incremental', incremental_strategy='append', on_schema_change='append_new_columns', dist='even', sort='refresh_time',
        full_refresh=none if var('allow_full_refresh', false) else false,
    ) -}}
with

{% for landing in landings -%}
{%- set relation = landing if landing.identifier is defined else landing.relation -%}
{%- set has_operation = landing.identifier is defined or not landing.is_full_load -%}
{%- set suffix = '_' ~ loop.index if landings | length > 1 else '' -%}
deliveries{{ suffix }} as (

    select landed.*
    from {{ relation }} as landed
    where {{ is_new_change(relation, 'landed') | indent(4) }}

),

{% if feed.format == 'columns' -%}
{{ changes_from_columns(feed, 'deliveries' ~ suffix, suffix, relation_name(relation), has_operation) }}
{%- elif feed.format == 'debezium' -%}
{{ changes_from_debezium(feed, 'deliveries' ~ suffix, suffix, relation_name(relation)) }}
{%- elif feed.format == 'documents' -%}
{{ changes_from_documents(feed, 'deliveries' ~ suffix, suffix, relation_name(relation)) }}
{%- else -%}
{{ changes_from_dynamodb(feed, 'deliveries' ~ suffix, suffix, relation_name(relation)) }}
{%- endif %}

{% endfor -%}
{% if landings | length > 1 -%}
normalised as (

    {%- for landing in landings %}

    select * from normalised_{{ loop.index }}
    {{- '\n\n    union all' if not loop.last }}
    {%- endfor %}

),

{% endif -%}
{{ settled_changes(feed) }}
{%- endmacro %}


{#
    What every delivered_ model of a change feed does with its records: judges the CTE normalised, says of each record what becomes of it
    and gives the model's columns. loaded_at, load_id: SQL expressions in place of this load's.
#}
{% macro settled_changes(feed, loaded_at=none, load_id=none) -%}
{{ judged_changes(feed) }}

settled as (

    {{ delivery_outcomes('judged', ['change_id'], ['refresh_time', 'change_order']) }}

)
{%- if persons_in(feed.columns) %},

{{ withheld_records('settled', feed.columns) }}
{%- endif %}

{{ delivered_columns(feed, loaded_at, load_id) }}
{%- endmacro %}


{# CTE judged: the CTE normalised with change_id, quarantine_reason and, where the feed has persons, is_erased. #}
{% macro judged_changes(feed) -%}
{%- set has_persons = persons_in(feed.columns) | length > 0 -%}
{%- if has_persons -%}
known_persons as (

    select
        normalised.*,
        {{ is_erased(feed.columns) | indent(8) }} as is_erased
    from normalised
    {{- join_erased(feed.columns) }}

),

{% endif -%}
judged as (

    select
        records.*,
        {{ digest('identity_text') }} as change_id,
        case
            {%- if has_persons %}
            when is_erased then '{{ erased_reason() }}'
            {%- endif %}
            when problem is not null then problem
            when change_kind is null then 'the operation is not one that the feed declares'
            when committed_at is null then 'the change has no commit time'
            {%- for column_key, column in feed.columns.items() %}
            {%- set name = column_name(column_key) %}
            {%- if column.required %}
            when {{ name }} is null{{ " and change_kind <> 'delete'" if column_key not in feed.key }} then '{{ column.from[0] }} is missing'
            {%- endif %}
            {%- if column.prefix %}
            when {{ name }} not like '{{ column.prefix }}%' then '{{ column.from[0] }} does not begin with {{ column.prefix }}'
            {%- endif %}
            {%- if column.type in ('text', 'json') %}
            when {{ byte_length(name) }} > {{ column.size[0] if column.size else (256 if column.type == 'text' else 65534) }}
                then '{{ column.from[0] }} {{ change_column_complaint(column) }}'
            {%- else %}
            when {{ name }} is not null and {{ change_column_value(name, column) | indent(16) }} is null
                then '{{ column.from[0] }} {{ change_column_complaint(column) }}'
            {%- endif %}
            {%- endfor %}
        end as quarantine_reason
    from {{ 'known_persons' if has_persons else 'normalised' }} as records

),
{%- endmacro %}


{# The columns of a delivered_ model, from the CTE settled, or withheld where the feed has persons. #}
{% macro delivered_columns(feed, loaded_at, load_id) -%}
{%- set has_persons = persons_in(feed.columns) | length > 0 -%}
select
    cast(change_id as {{ text_type(64) }}) as change_id,
    cast(change_kind as {{ text_type(16) }}) as change_kind,
    cast(committed_at as {{ timestamp_type() }}) as event_at,
    cast(change_order as {{ text_type(2048) }}) as change_order,
    -- the row, as text
    {%- for name, column in feed.columns.items() %}
    cast({{ unless_erased(column_name(name)) if has_persons else column_name(name) }} as {{ text_type(column.size[0] if column.type == 'text' and column.size else (65535 if column.type == 'json' else 256)) }}) as {{ column_name(name) }},
    {%- endfor %}
    cast({{ unless_erased('undeclared_columns') if has_persons else 'undeclared_columns' }} as {{ text_type(65535) }}) as undeclared_columns,
    -- outcome
    cast(case when is_tombstone then 'duplicate' else outcome end as {{ text_type(16) }}) as outcome,
    cast(case when is_tombstone then 'tombstone: the delete came before it' else outcome_reason end as {{ text_type(512) }}) as outcome_reason,
    cast(case when outcome = 'quarantined' and not is_tombstone then {{ unless_erased('record_text') if has_persons else 'record_text' }} end as {{ text_type(65535) }}) as record_text,
    -- load
    cast(landing as {{ text_type(256) }}) as landing,
    cast(refresh_time as {{ timestamp_type() }}) as refresh_time,
    cast({{ loaded_at or load_time() | indent(4) }} as {{ timestamp_type() }}) as loaded_at,
    cast({{ load_id or "'" ~ invocation_id ~ "'" }} as {{ text_type(64) }}) as load_id
from {{ 'withheld' if has_persons else 'settled' }}
{%- endmacro %}


{# Condition for the records of one landing model that a delivered_ model has not looked at; as is_new_delivery(), per landing. #}
{% macro is_new_change(relation, alias) %}
    {%- if not is_incremental() -%}{{ return('true') }}{%- endif -%}
    {%- set condition -%}
    {{ alias }}.refresh_time > (
        select coalesce(max(seen.refresh_time), {{ earliest_timestamp() }})
        from {{ this }} as seen
        where seen.landing = '{{ relation_name(relation) }}'
    )
    {%- endset -%}
    {{ return(condition) }}
{% endmacro %}


{# CASE that gives the kind of change from an operation code; an operation without a code (null) is a row of a full load. #}
{% macro change_kind_of(feed, operation) -%}
    case
        {%- for kind in ['insert', 'update', 'delete', 'snapshot'] %}
        {%- if feed.operation.get(kind) %}
        when {{ operation }} in ('{{ feed.operation[kind] | join("', '") }}') then '{{ kind }}'
        {%- endif %}
        {%- endfor %}
        when {{ operation }} is null then 'snapshot'
    end
{%- endmacro %}


{# Text that sorts as moments do: microseconds since 1900, with leading zeros. #}
{% macro sortable_moment(moment) -%}
    lpad({{ as_text(elapsed_us(earliest_timestamp(), moment)) }}, 20, '0')
{%- endmacro %}
