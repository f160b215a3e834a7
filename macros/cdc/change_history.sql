{#
    Every version of every row of a change feed: the whole body of a history_ model. Grain: one row per accepted change.
    Columns: the feed's columns, change_id, change_kind, is_deleted, valid_from (time of the change, or just before that of the next one where
    the change is said to have happened after it), valid_to (valid_from of the next change of the row; null: none), version_number, is_current, change_order, columns_version (digest of the declared columns), loaded_at, load_id.
    A load takes the keys that new changes touch and rewrites all their versions (merge on change_id), so a late change finds its place
    and its neighbours their validity. Nothing is ever removed: a delete is a version that says so, with the values that the row had, whatever
    image the delete carries (the one of a row with a deleted flag is the row itself).
    partial feeds carry the latest value of a column forward where a change does not give one, up to the next delete; so do columns that
    hold the feed's unavailable_value (what Debezium writes for a large value that did not change).
    feed: name of the feed. changes: ref() of its stg_ model.
#}
{% macro change_history(feed, changes) %}
{%- set feed = change_feed(feed) -%}
{%- set names = feed.columns.keys() | list -%}
{%- do refuse_unmarked_parent(changes) -%}
{%- set values = names | reject('in', feed.key) | list -%}
{%- set carried = values if feed.partial else [] -%}
{%- set keys = [] -%}
{%- for key in feed.key -%}{%- do keys.append(column_name(key)) -%}{%- endfor -%}
{%- set by_key = keys | join(', ') -%}
{%- set declared = [] -%}
{%- for name, column in feed.columns.items() -%}{%- do declared.append(name ~ ' ' ~ change_column_type(column)) -%}{%- endfor -%}
{%- set columns_version = local_md5(declared | join(', ')) -%}
{{- config(
    materialized='incremental', incremental_strategy='merge', unique_key='change_id', on_schema_change='sync_all_columns',
    dist='change_id', sort=keys,
) -}}
with

{% if is_incremental() -%}
touched_keys as (

    select distinct {{ by_key }}
    from {{ changes }} as changes
    where {{ is_new_record(changes, 'changes') | indent(4) }}

    union

    -- a column that was declared since, or got another type, is filled in for the past
    select distinct {{ by_key }}
    from {{ this }} as stored
    where stored.columns_version <> '{{ columns_version }}'

),

{% endif -%}
changes as (

    select
        {%- for name in names %}
        changes.{{ column_name(name) }},
        {%- endfor %}
        changes.change_id,
        changes.change_kind,
        changes.event_at,
        changes.change_order
    from {{ changes }} as changes
    {%- if is_incremental() %}
    inner join touched_keys
        on {% for key in keys %}changes.{{ key }} = touched_keys.{{ key }}{{ ' and ' if not loop.last }}{% endfor %}
    {%- endif %}

),

{% set deletes_state = deletes_state_rows(feed) -%}
{%- set whole = 'rows between unbounded preceding and unbounded following' -%}
{% if carried or feed.unavailable_value -%}
{%- set frame = 'rows between unbounded preceding and ' -%}
lives as (

    -- a row that was deleted and comes back owes nothing to its former life
    select
        changes.*,
        coalesce(sum(case when change_kind = 'delete' then 1 else 0 end) over (
            partition by {{ by_key }} order by change_order, change_id {{ frame }}1 preceding
        ), 0) as life
    from changes

),

known as (

    select
        lives.*
        {%- for name in values %},
        {%- if name in carried %}
        count({{ column_name(name) }}) over (
            partition by {{ by_key }}, life order by change_order, change_id {{ frame }}current row
        ) as {{ column_name(name, 'known_') }}
        {%- else %}
        sum(case when {{ as_text(column_name(name)) }} = '{{ feed.unavailable_value }}' then 0 else 1 end) over (
            partition by {{ by_key }}, life order by change_order, change_id {{ frame }}current row
        ) as {{ column_name(name, 'known_') }}
        {%- endif %}
        {%- endfor %}
    from lives

),

complete as (

    -- the first of those that know the same is the one that states it
    select
        {{ by_key }},
        {%- for name in values %}
        {%- set is_text = feed.columns[name].type in ('text', 'json') %}
        {%- if name in carried or is_text %}
        case
            when change_kind = 'delete' then {{ column_name(name) }}
            else first_value(
                {{- column_name(name) if name in carried else 'case when ' ~ column_name(name) ~ " <> '" ~ feed.unavailable_value ~ "' then " ~ column_name(name) ~ ' end' }}) over (
                partition by {{ by_key }}, life, {{ column_name(name, 'known_') }} order by change_order, change_id {{ whole }}
            )
        end as {{ column_name(name) }},
        {%- else %}
        {{ column_name(name) }},
        {%- endif %}
        {%- endfor %}
        change_id,
        change_kind,
        event_at,
        change_order
    from known

),

{% endif -%}
{%- set rows = 'complete' if carried or feed.unavailable_value else 'changes' -%}
{% if not deletes_state and values -%}
stated as (

    select
        {{ rows }}.*,
        sum(case when change_kind = 'delete' then 0 else 1 end) over (
            partition by {{ by_key }} order by change_order, change_id rows between unbounded preceding and current row
        ) as statement_number
    from {{ rows }}

),

filled as (

    -- a delete has the values that were stated last
    select
        {{ by_key }},
        {%- for name in values %}
        case when statement_number > 0 then first_value({{ column_name(name) }}) over (
            partition by {{ by_key }}, statement_number order by change_order, change_id {{ whole }}
        ) end as {{ column_name(name) }},
        {%- endfor %}
        change_id,
        change_kind,
        event_at,
        change_order
    from stated

),

{% endif -%}
{%- set rows = 'filled' if not deletes_state and values else rows -%}
{%- set carried_names = [] -%}
{%- for name in names -%}{%- do carried_names.append(column_name(name)) -%}{%- endfor -%}
{{ moments_in_order(rows, keys, 'event_at', ['change_order', 'change_id'], carried_names + ['change_id', 'change_kind', 'change_order']) }}

versions as (

    select
        moments.*,
        lead(event_at) over (partition by {{ by_key }} order by change_order, change_id) as valid_to,
        row_number() over (partition by {{ by_key }} order by change_order, change_id) as version_number,
        row_number() over (partition by {{ by_key }} order by change_order desc, change_id desc) as versions_back
    from moments

)

select
    {%- for name in names %}
    {{ column_name(name) }},
    {%- endfor %}
    change_id,
    change_kind,
    change_kind = 'delete' as is_deleted,
    event_at as valid_from,
    valid_to,
    cast(version_number as bigint) as version_number,
    versions_back = 1 as is_current,
    change_order,
    cast('{{ columns_version }}' as {{ text_type(32) }}) as columns_version,
    {{ load_columns() }}
from versions
{%- endmacro %}
