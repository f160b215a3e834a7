{#
    In which order the records of a key are looked at: by event time, then position. A change feed says the whole order in one column,
    change_order: there the event time, which a full load or a clock that was set back can contradict, does not count.
#}

{# Whether the position is the whole order of the records, whatever their event times say. #}
{% macro is_whole_order(position) %}{{ return(position == ['change_order']) }}{% endmacro %}


{#
    An event time; a record without one counts as the oldest there is (1900-01-01), so that it is stored once and no record that has a time is
    behind it.
#}
{% macro known_moment(event_at) %}{{ return('coalesce(' ~ event_at ~ ', ' ~ earliest_timestamp() ~ ')') }}{% endmacro %}


{# Columns to order records by. event_at: column of the event time. position: columns of the position. #}
{% macro order_of_events(event_at, position) %}
    {{ return(position + [event_at] if is_whole_order(position) else [event_at] + position) }}
{% endmacro %}


{#
    Several payloads at one place (a key's event time and position): two columns with the first and last hashdiff there, behind a comma. Where
    the place is the whole order there is one, and in a first load nobody asks.
#}
{% macro hashdiffs_at_place(grain, event_at, position) -%}
    {%- if is_incremental() and not is_whole_order(position) -%},
        min(hashdiff) over (partition by {{ (grain + [event_at] + position) | join(', ') }}) as first_hashdiff,
        max(hashdiff) over (partition by {{ (grain + [event_at] + position) | join(', ') }}) as last_hashdiff
    {%- endif -%}
{%- endmacro %}


{#
    What to look for in the table before a payload is put in, over hashdiffs_at_place(): of several payloads each, otherwise the place alone,
    whatever the stored hashdiff was made of (a satellite that got a column). Two columns behind a comma; is_stored_payload() takes them.
#}
{% macro looked_for(position) -%}
    {%- if is_incremental() and not is_whole_order(position) -%},
        case when first_hashdiff < last_hashdiff then hashdiff else '' end as stored_from,
        case when first_hashdiff < last_hashdiff then hashdiff else '~' end as stored_to
    {%- endif -%}
{%- endmacro %}


{# Condition for rows_not_stored() over looked_for(); none where the place is enough. #}
{% macro is_stored_payload(rows, position) %}
    {{ return(none if is_whole_order(position) else 'known.hashdiff between ' ~ rows ~ '.stored_from and ' ~ rows ~ '.stored_to') }}
{% endmacro %}


{#
    CTEs up to the one named moments: the rows of a CTE with event times that follow their order. A record that comes before another one and
    says that it happened later (a row of a full load, stamped with its transfer; a file that arrived late) gets a time just before the
    other's: a microsecond for each step. Times that follow the order stay as they are, equal ones too.
    rows: name of the CTE. keys: columns that tell its histories apart. columns: the others to carry, position among them.
#}
{% macro moments_in_order(rows, keys, event_at, position, columns) -%}
{%- set window = 'partition by ' ~ keys | join(', ') ~ ' order by ' ~ position | join(', ') -%}
neighbours as (

    select
        {{ rows }}.*,
        {{ elapsed_us(earliest_timestamp(), event_at) }} as event_us,
        case when {{ event_at }} <> lag({{ event_at }}) over ({{ window }}) then 1 else 0 end as is_another_moment
    from {{ rows }}

),

moments_counted as (

    select
        neighbours.*,
        cast(sum(is_another_moment) over ({{ window }} rows between unbounded preceding and current row) as bigint) as moment_number
    from neighbours

),

moments as (

    select
        {{ columns | join(',\n        ') }},
        {{ add_microseconds(event_at, '(min(event_us - moment_number) over (' ~ window
            ~ ' rows between current row and unbounded following) + moment_number - event_us)') }} as {{ event_at }}
    from moments_counted

),
{%- endmacro %}


{#
    Which records state the payload of a satellite: {'column', 'condition'}, or none where all do. A delete does not. The staging of a change
    feed says it in states_row. operation, deletes: as in satellite(); operation: false lets deletes state it.
#}
{% macro stating_records(position, operation, deletes) %}
    {%- if operation -%}
        {{ return({'column': operation, 'condition': "coalesce(" ~ operation ~ " not in ('" ~ deletes | join("', '") ~ "'), true)"}) }}
    {%- endif -%}
    {%- if operation is none and is_whole_order(position) -%}
        {{ return({'column': 'states_row', 'condition': 'coalesce(states_row, true)'}) }}
    {%- endif -%}
    {{ return(none) }}
{% endmacro %}
