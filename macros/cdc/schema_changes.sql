{#
    Changes of a feed's columns: the whole body of a columns_ model. Grain: one row per column, declared or not.
    Columns: column_name, is_declared, first_seen_at, last_seen_at (loads that brought a value), records_with_value, latest_load_at,
    state: in use; undeclared (its values are in undeclared_columns; declare it to get a column); no values since last_seen_at (dropped
    or renamed at the source; what it held stays); never seen.
    feed: name of the feed. delivered: ref() of its delivered_ model.
#}
{% macro schema_changes(feed, delivered) %}
{%- set feed = change_feed(feed) -%}
{%- set sources = (change_source_fields(feed) + change_top_fields(feed)) | unique | list -%}
with

deliveries as (

    select
        delivered.*,
        {{ text_document('undeclared_columns') }} as undeclared_document
    from {{ delivered }} as delivered

),

loads as (

    select max(refresh_time) as latest_load_at
    from deliveries

),

seen as (

    {%- for name, column in feed.columns.items() %}

    select
        '{{ column.from[0] }}' as column_name,
        true as is_declared,
        min(case when {{ column_name(name) }} is not null then refresh_time end) as first_seen_at,
        max(case when {{ column_name(name) }} is not null then refresh_time end) as last_seen_at,
        count({{ column_name(name) }}) as records_with_value
    from deliveries

    union all
    {%- endfor %}

    select
        {{ payload_field_name('fields') }} as column_name,
        false as is_declared,
        min(deliveries.refresh_time) as first_seen_at,
        max(deliveries.refresh_time) as last_seen_at,
        count(*) as records_with_value
    from deliveries
    {{ payload_field_names('deliveries', 'undeclared_document', 'fields') }}
    where {{ payload_field_name('fields') }} not in ('{{ sources | join("', '") }}')
    group by {{ payload_field_name('fields') }}

)

select
    cast(seen.column_name as {{ text_type(256) }}) as column_name,
    seen.is_declared,
    seen.first_seen_at,
    seen.last_seen_at,
    cast(seen.records_with_value as bigint) as records_with_value,
    loads.latest_load_at,
    case
        when not seen.is_declared then 'undeclared'
        when seen.last_seen_at is null then 'never seen'
        when seen.last_seen_at < loads.latest_load_at then 'no values since last_seen_at'
        else 'in use'
    end as state
from seen
cross join loads
{%- endmacro %}
