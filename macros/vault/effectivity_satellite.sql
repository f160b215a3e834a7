{#
    Effectivity satellite: when a relationship of a link was in effect. Insert-only, on the link's key.

    Of the relationships of one driving key the one that was stated last, in event order, is in effect; it stops being so when another
    one is stated, or when a delete names it, and is in effect again when it is stated again. A delete that carries the driving key alone, or
    leaves other keys out, names every relationship that has the keys it does carry. A row says that from its event time on the
    relationship is (is_effective) or is not in effect. What a row says holds whatever arrives later, so late records only add rows;
    satellite_versions() folds those that repeat what is known.

    relationships: 'one at a time' (default) as above, or 'as a set', where a driving key has all the relationships that were stated last at
    one moment: the next moment at which any is stated ends those that are not stated again. The table then holds what was stated and
    deleted, record by record; read it through relationship_sets(). The test states_one_relationship_at_a_time finds sources that want it.

    A driving key of which a part is missing says of nobody that there is one relationship: each of its relationships is in effect until a
    delete names it. A record without an event time counts as the oldest.

    key: hash key of the link. hubs: as in link(); child_keys too. driving_keys: those of the hub key columns that can have one
    relationship (or one set of them) at a time. operation, deletes: column with the kind of change and its values that mean a delete; none
    where relationships are never deleted. The other arguments as in satellite().
    Columns: key, the hub keys, the child keys, event order, is_effective, hashdiff, load columns; as a set also is_partial_driving_key.
#}
{% macro effectivity_satellite(
    key, hubs, driving_keys, source, position, event_at='event_at', child_keys=[], operation=none, deletes=['delete'],
    relationships='one at a time'
) %}
    {%- do require_arguments('effectivity_satellite', {
        'key': key, 'hubs': hubs, 'driving_keys': driving_keys, 'source': source, 'position': position
    }) -%}
    {%- do refuse_unique_key('effectivity_satellite') -%}
    {%- set unknown_keys = driving_keys | reject('in', hubs) | list -%}
    {%- if unknown_keys -%}
        {{ exceptions.raise_compiler_error(
            "millrace: " ~ model.name ~ ": effectivity_satellite(): driving_keys has " ~ unknown_keys | join(', ')
            ~ ", which hubs does not have (" ~ hubs | join(', ') ~ ")."
        ) }}
    {%- endif -%}
    {%- if relationships not in ('one at a time', 'as a set') -%}
        {{ exceptions.raise_compiler_error(
            "millrace: " ~ model.name ~ ": effectivity_satellite(): relationships is 'one at a time' or 'as a set', got '" ~ relationships
            ~ "'."
        ) }}
    {%- endif -%}
    {%- if relationships == 'as a set' and is_whole_order(position) -%}
        {{ exceptions.raise_compiler_error(
            "millrace: " ~ model.name ~ ": effectivity_satellite(): sets are of one event time, which does not count in a change feed "
            ~ "(position is change_order): there each record states one relationship. Take relationships='one at a time', with all hub keys "
            ~ "among the driving_keys where several hold at once."
        ) }}
    {%- endif -%}
    {{- config(
        dist=driving_keys[0], sort=driving_keys + [event_at], meta={'driving_keys': driving_keys, 'relationships': relationships}
    ) -}}
    {%- set driving_parts = [] -%}
    {%- for hub_key in driving_keys -%}{%- do driving_parts.extend(hubs[hub_key]) -%}{%- endfor -%}
    {%- set parts = link_parts(hubs, child_keys) -%}
    {%- set event_order = [event_at] + position -%}
    {%- set carried = (hubs | list) + key_columns(child_keys) -%}
    {%- set in_order = order_of_events(event_at, position) | join(', ') -%}
    {#- where a part may be missing, a driving key without it is told apart by its relationship -#}
    {%- set drivers = driving_keys + (['lone_key'] if driving_parts | length > 1 else []) -%}
    {%- set by_driver = drivers | join(', ') -%}
    {%- set in_turn = in_order ~ ', states, ' ~ key -%}
    {%- set window = 'partition by ' ~ by_driver ~ ' order by ' ~ in_turn -%}
    {%- set so_far = ' rows between unbounded preceding and current row' -%}
    {%- if relationships == 'as a set' -%}
{{ stated_relationships(key, hubs, driving_parts, source, position, event_at, child_keys, operation, deletes) }}
    {%- else -%}
with
{{- touched_records(source, driving_parts, (key_columns(parts) + event_order + ([operation] if operation else [])) | unique | list) }},

hashed as (

    select
        {{ link_keys(key, hubs, child_keys) | indent(8) }},
        {{ "case when " ~ operation ~ " in ('" ~ deletes | join("', '") ~ "') then 0 else 1 end" if operation else 1 }} as states,
        {%- if drivers | length > driving_keys | length %}
        case when {{ key_columns(driving_parts) | join(' is null or ') }} is null then 1 else 0 end as is_alone,
        {%- endif %}
        {{ event_at if is_whole_order(position) else known_moment(event_at) ~ ' as ' ~ event_at }},
        {{ position | join(',\n        ') }}
    from records

),

{% if drivers | length > driving_keys | length -%}
driven as (

    -- relationships of a driving key of which a part is missing are each by themselves
    select
        hashed.*,
        case when is_alone = 1 then {{ key }} else '' end as lone_key
    from hashed

),

{% endif -%}
{%- set hashed = 'driven' if drivers | length > driving_keys | length else 'hashed' -%}
{% if is_whole_order(position) -%}
{{ moments_in_order(hashed, drivers, event_at, position, ([key] + carried + drivers + ['states'] + position) | unique | list) }}

{% endif -%}
{%- set rows = 'moments' if is_whole_order(position) else hashed -%}
numbered as (

    select
        {{ rows }}.*,
        sum(states) over ({{ window }}{{ so_far }}) as statement_number
    from {{ rows }}

),

stated as (

    -- the relationship stated last, also on the deletes behind it
    select
        numbered.*,
        {%- for column in [key] + carried %}
        max(case when states = 1 then {{ column }} end) over (
            partition by {{ by_driver }}, statement_number
        ) as stated_{{ column }}{{ ',' if not loop.last }}
        {%- endfor %}
    from numbered

),

ended as (

    select
        stated.*,
        sum(
            case
                when
                    states = 0
                    {%- for column in hubs | reject('in', driving_keys) %}
                    and {{ column }} in (stated_{{ column }}, '{{ zero_key() }}')
                    {%- endfor %}
                    {%- for column in key_columns(child_keys) %}
                    and ({{ column }} is null or {{ column }} = stated_{{ column }})
                    {%- endfor %}
                    then 1
                else 0
            end
        ) over (
            partition by {{ by_driver }}, statement_number order by {{ in_turn }}{{ so_far }}
        ) as deletes_so_far
    from stated

),

effective as (

    select
        {{ drivers | join(',\n        ') }},
        {{ (event_order + ['states', key]) | join(',\n        ') }},
        {%- for column in [key] + carried %}
        case when deletes_so_far = 0 then stated_{{ column }} end as effective_{{ column }}{{ ',' if not loop.last }}
        {%- endfor %}
    from ended

),

ordered as (

    select
        effective.*,
        {%- for column in [key] + carried %}
        lag(effective_{{ column }}) over ({{ window }}) as previous_{{ column }}{{ ',' if not loop.last }}
        {%- endfor %}
    from effective

),

turns as (

    {%- for prefix, other, flag in (('effective_', 'previous_', 'true'), ('previous_', 'effective_', 'false')) %}

    select
        {%- for column in [key] + carried %}
        {{ prefix }}{{ column }} as {{ column }},
        {%- endfor %}
        {{ event_order | join(',\n        ') }},
        {{ flag }} as is_effective,
        {{ digest("'1'" if flag == 'true' else "'0'") }} as hashdiff
    from ordered
    where {{ prefix ~ key }} is not null and ({{ other ~ key }} is null or {{ other ~ key }} <> {{ prefix ~ key }})
    {{- '\n\n    union all' if not loop.last }}
    {%- endfor %}

),

unknown as (

    {{ rows_not_stored('turns', [key] + event_order) }}

)

select
    {{ stored_link_keys(key, hubs, child_keys) }},
    {{ event_order | join(',\n    ') }},
    is_effective,
    cast(hashdiff as {{ text_type(64) }}) as hashdiff,
    {{ load_columns("'" ~ relation_name(source) ~ "'") }}
from unknown
    {%- endif -%}
{%- endmacro %}


{# Body of an effectivity satellite of sets: what was stated and deleted. #}
{% macro stated_relationships(key, hubs, driving_parts, source, position, event_at, child_keys, operation, deletes) %}
    {%- set parts = link_parts(hubs, child_keys) -%}
    {%- set columns = [key] + hubs | list + key_columns(child_keys) -%}
with

stated as (

    select
        {{ link_keys(key, hubs, child_keys) | indent(8) }},
        {{ "case when " ~ operation ~ " in ('" ~ deletes | join("', '") ~ "') then 0 else 1 end" if operation else 1 }} as states,
        case when {{ key_columns(driving_parts) | join(' is null or ') }} is null then 1 else 0 end as is_alone,
        {{ known_moment(event_at) }} as {{ event_at }},
        {{ position | join(',\n        ') }}
    from {{ source }} as records
    where
        {{ is_new_record(source, 'records') | indent(8) }}
        and ({% for part in driving_parts %}records.{{ key_column(part) }} is not null{{ ' or ' if not loop.last }}{% endfor %})

),

hashed as (

    select distinct
        {{ (columns + [event_at] + position) | join(',\n        ') }},
        states = 1 as is_effective,
        is_alone = 1 as is_partial_driving_key,
        case when states = 1 then {{ digest("'1'") }} else {{ digest("'0'") }} end as hashdiff
    from stated

),

unknown as (

    {{ rows_not_stored('hashed', [key, event_at] + position + ['hashdiff']) }}

)

select
    {{ stored_link_keys(key, hubs, child_keys) }},
    {{ ([event_at] + position) | join(',\n    ') }},
    is_effective,
    is_partial_driving_key,
    cast(hashdiff as {{ text_type(64) }}) as hashdiff,
    {{ load_columns("'" ~ relation_name(source) ~ "'") }}
from unknown
{%- endmacro %}


{#
    The sets that an effectivity satellite of sets holds, as a SELECT to put into a CTE: one row per relationship and time in effect. Columns:
    the link's key, the hub keys, the child keys, valid_from, valid_to (null: still in effect), is_current. A relationship that is stated
    again without a break goes on.
    satellite: ref() of the satellite. key: its hash key. driving_keys: as there. hub_keys: the other hub keys. child_keys: names of the child
    keys. position: its tie breakers. keys: name of a CTE with the first driving key, to read these alone.
#}
{% macro relationship_sets(satellite, key, driving_keys, hub_keys, position, event_at='event_at', child_keys=[], keys=none) %}
    {%- set columns = [key] + driving_keys + hub_keys + child_keys -%}
    {%- set by_driver = driving_keys | join(', ') ~ ', lone_key' -%}
    select
        {{ columns | join(',\n        ') }},
        min(stated_at) as valid_from,
        case when count(*) = count(ended_at) then max(ended_at) end as valid_to,
        count(*) > count(ended_at) as is_current
    from (
        select
            runs.*,
            sum(case when stated_at = previous_ended_at then 0 else 1 end) over (
                partition by {{ key }} order by stated_at, turn rows between unbounded preceding and current row
            ) as run_number
        from (
            select
                turns.*,
                lag(ended_at) over (partition by {{ key }} order by stated_at, turn) as previous_ended_at
            from (
                select
                    stated.{{ columns | join(',\n                    stated.') }},
                    stated.turn,
                    stated.{{ event_at }} as stated_at,
                    coalesce(min(deletes.{{ event_at }}), stated.next_set_at) as ended_at
                from (
                    select
                        last_of_moment.*,
                        min(next_moment) over (partition by {{ by_driver }}, {{ event_at }}) as next_set_at
                    from (
                        select
                            numbered.*,
                            row_number() over (partition by {{ key }}, {{ event_at }} order by turn desc) as nth_last,
                            case
                                when lead({{ event_at }}) over (partition by {{ by_driver }} order by turn) > {{ event_at }}
                                    then lead({{ event_at }}) over (partition by {{ by_driver }} order by turn)
                            end as next_moment
                        from (
                            {{ numbered_relationships(satellite, key, driving_keys, position, event_at, keys) | indent(24) }}
                        ) as numbered
                        where is_effective
                    ) as last_of_moment
                ) as stated
                left join (
                    {{ numbered_relationships(satellite, key, driving_keys, position, event_at, keys) | indent(16) }}
                ) as deletes
                    on
                        not deletes.is_effective
                        {%- for column in driving_keys %}
                        and stated.{{ column }} = deletes.{{ column }}
                        {%- endfor %}
                        and stated.lone_key = deletes.lone_key
                        and deletes.turn > stated.turn
                        and (stated.next_set_at is null or deletes.{{ event_at }} < stated.next_set_at)
                        {%- for column in hub_keys %}
                        and deletes.{{ column }} in (stated.{{ column }}, '{{ zero_key() }}')
                        {%- endfor %}
                        {%- for column in child_keys %}
                        and (deletes.{{ column }} is null or deletes.{{ column }} = stated.{{ column }})
                        {%- endfor %}
                where stated.nth_last = 1
                group by stated.{{ columns | join(', stated.') }}, stated.turn, stated.{{ event_at }}, stated.next_set_at
            ) as turns
            where ended_at is null or ended_at > stated_at
        ) as runs
    ) as numbered_runs
    group by {{ columns | join(', ') }}, run_number
{%- endmacro %}


{# SELECT of the rows of an effectivity satellite of sets, numbered in their order; lone_key as there. #}
{% macro numbered_relationships(satellite, key, driving_keys, position, event_at, keys) -%}
    select
        rows_of_sets.*,
        row_number() over (
            partition by {{ driving_keys | join(', ') }}, lone_key
            order by {{ (order_of_events(event_at, position) + ['hashdiff', key]) | join(', ') }}
        ) as turn
    from (
        select
            stored.*,
            case when is_partial_driving_key then {{ key }} else '' end as lone_key
        from {{ satellite }} as stored
        {%- if keys %}
        where {{ driving_keys[0] }} in (select touched.{{ driving_keys[0] }} from {{ keys }} as touched)
        {%- endif %}
    ) as rows_of_sets
{%- endmacro %}
