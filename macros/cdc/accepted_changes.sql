{#
    The accepted changes of a feed with their types: the whole body of a stg_ model. Grain: one row per change, each accepted once.
    A column that was declared after its values came is read from undeclared_columns for the changes before.
    feed: name of the feed. delivered: ref() of its delivered_ model.
#}
{% macro accepted_changes(feed, delivered) %}
{{- config(materialized=staging_materialization()) -}}
{%- set feed = change_feed(feed) -%}
with

deliveries as (

    select
        delivered.*,
        {{ text_document('undeclared_columns') }} as undeclared_document
    from {{ delivered }} as delivered
    where outcome = 'accepted'

),

{% set decimals = feed.columns.values() | selectattr('type', 'equalto', 'decimal') | list if feed.format == 'debezium' else [] -%}
{%- if decimals -%}
coded as (

    select
        deliveries.*
        {%- for name, column in feed.columns.items() if column.type == 'decimal' %},
        {{ debezium_coded_number(feed, column, 'deliveries.undeclared_document') | indent(8) }} as {{ column_name(name, 'coded_') }},
        {{ debezium_scale(column, 'deliveries.undeclared_document') | indent(8) }} as {{ column_name(name, 'scale_') }}
        {%- endfor %}
    from deliveries

),

{% endif -%}
texts as (

    select
        deliveries.*
        {%- for name, column in feed.columns.items() %},
        {%- if feed.format == 'dynamodb' %}
        {%- set path = column.from[0].split('.') %}
        coalesce(
            {{ column_name(name) }},
            {%- if column.type == 'json' %}
            {{ payload_as_text(payload_child('deliveries.undeclared_document', path)) }}
            {%- else %}
            {%- for type in ['S', 'N', 'BOOL'] %}
            {{ payload_at('deliveries.undeclared_document', path + [type]) }}{{ ',' if not loop.last }}
            {%- endfor %}
            {%- endif %}
        ) as {{ column_name(name, 'text_') }}
        {%- elif feed.format == 'debezium' %}
        {%- set image = 'deliveries.undeclared_document' %}
        coalesce({{ column_name(name) }}, {{ debezium_value(
            feed, name, column, image, payload_at(image, [column.from[0]]), column_name(name, 'coded_'), column_name(name, 'scale_')
        ) | indent(8) }}) as {{ column_name(name, 'text_') }}
        {%- else %}
        coalesce({{ column_name(name) }}, {{ payload_at('deliveries.undeclared_document', column.from[0].split('.')) }}) as {{ column_name(name, 'text_') }}
        {%- endif %}
        {%- endfor %}
    from {{ 'coded as deliveries' if decimals else 'deliveries' }}

),

typed as (

    select
        -- the row
        {%- for name, column in feed.columns.items() %}
        {%- if column.type in ('text', 'json') %}
        cast({{ column_name(name, 'text_') }} as {{ change_column_type(column) }}) as {{ column_name(name) }},
        {%- else %}
        cast({{ change_column_value(column_name(name, 'text_'), column) | indent(8) }} as {{ change_column_type(column) }}) as {{ column_name(name) }},
        {%- endif %}
        {%- endfor %}
        -- the change
        change_id,
        change_kind,
        {{ 'true' if deletes_state_rows(feed) else "change_kind <> 'delete'" }} as states_row,
        event_at,
        change_order,
        undeclared_columns,
        refresh_time as arrived_at,
        -- load
        loaded_at,
        load_id
    from texts

)

select * from typed
{%- endmacro %}


{#
    The records that a delivered_ model put into quarantine: the whole body of a quarantine_ model. Grain: one row per refused record.
    delivered: ref() of the delivered_ model. identity: its columns that tell one record from another.
#}
{% macro quarantined_records(delivered, identity=['change_id']) %}
with

deliveries as (

    select * from {{ delivered }}

),

quarantined as (

    select
        {%- for column in identity %}
        {{ column }},
        {%- endfor %}
        outcome_reason as quarantine_reason,
        record_text,
        refresh_time as arrived_at,
        loaded_at,
        load_id
    from deliveries
    where outcome = 'quarantined'

)

select * from quarantined
{%- endmacro %}
