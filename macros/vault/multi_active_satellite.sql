{#
    Multi-active satellite: a key has several rows at a time (phone numbers of a customer), and every delivery states the whole set.
    Insert-only. The set is what has versions: a set that differs from the one before it in event order is stored whole, a repeat is
    folded away, late sets find their place as in satellite(). One delivery is what shares event time and position: all the rows that one
    message was unnested into. A set whose rows come in two loads is stored again when it is whole, and counts as a whole. A delivery that
    states the empty set has one row whose active keys and payload are null; it is stored as such. A record without an event time counts as
    the oldest.
    Where each row has a history of its own (a change of one phone number says nothing of the others), take satellite() with the active
    keys among its business_keys instead.
    active_keys: columns that tell the rows of a set apart. The other arguments as in satellite().
#}
{% macro multi_active_satellite(
    key, business_keys, active_keys, payload, source, position, event_at='event_at', timestamps=[], booleans=[]
) %}
    {%- do require_arguments('multi_active_satellite', {
        'key': key, 'active_keys': active_keys, 'source': source, 'position': position
    }) -%}
    {%- do refuse_unique_key('multi_active_satellite') -%}
    {{- config(dist=key, sort=[key, event_at]) -}}
    {%- set keys = business_keys or [key] -%}
    {%- set event_order = [event_at] + position -%}
    {%- set by_set = ([key] + event_order) | join(', ') -%}
    {%- set described = active_keys + payload -%}
with
{{- touched_records(source, keys, key_columns(keys) + described + event_order, hash_key=not business_keys) }},

hashed as (

    select distinct
        {{ hash_key(business_keys) | indent(8) ~ ' as ' ~ key if business_keys else key }},
        {{ hashdiff(hashable(described, timestamps, booleans, source)) | indent(8) }} as hashdiff,
        {{ described | join(',\n        ') }},
        {{ event_at if is_whole_order(position) else known_moment(event_at) ~ ' as ' ~ event_at }},
        {{ position | join(',\n        ') }}
    from records

),

sets as (

    select
        {{ by_set }},
        count(*) as members,
        {{ digest_of_set('hashdiff') | indent(8) }} as set_hashdiff
    from hashed
    group by {{ by_set }}

),

ordered as (

    select
        *,
        lag(set_hashdiff) over (
            partition by {{ key }} order by {{ order_of_events(event_at, position) | join(', ') }}
        ) as previous_set_hashdiff
    from sets

),
{%- if is_incremental() %}

known as (

    select
        {{ by_set }},
        max(members) as members
    from (
        select
            {{ by_set }},
            set_hashdiff,
            count(*) as members
        from {{ this }}
        group by {{ by_set }}, set_hashdiff
    ) as stored
    group by {{ by_set }}

),
{%- endif %}

changed as (

    select ordered.*
    from ordered
    {%- if is_incremental() %}
    left join known
        on {% for column in [key] + event_order %}ordered.{{ column }} = known.{{ column }}{{ '\n            and ' if not loop.last }}{% endfor %}
    {%- endif %}
    where
        {%- if is_incremental() %}
        -- a set of which a part is stored
        known.members < ordered.members
        or known.{{ key }} is null and
        {%- endif %}
        (ordered.previous_set_hashdiff is null or ordered.previous_set_hashdiff <> ordered.set_hashdiff)

)

select
    cast(hashed.{{ key }} as {{ text_type(64) }}) as {{ key }},
    hashed.{{ active_keys | join(',\n    hashed.') }},
    hashed.{{ event_order | join(',\n    hashed.') }},
    cast(hashed.hashdiff as {{ text_type(64) }}) as hashdiff,
    cast(changed.set_hashdiff as {{ text_type(128) }}) as set_hashdiff,
    {%- for column in payload %}
    hashed.{{ column }},
    {%- endfor %}
    {{ load_columns("'" ~ relation_name(source) ~ "'") }}
from hashed
inner join changed
    on {% for column in [key] + event_order %}hashed.{{ column }} = changed.{{ column }}{{ '\n        and ' if not loop.last }}{% endfor %}
{%- endmacro %}


{#
    The sets that a multi-active satellite holds, with their validity: as satellite_versions(), with one row per member of each set, the
    empty set without any. Of a set that came in parts the largest counts. Arguments as there.
#}
{% macro multi_active_versions(satellite, key, active_keys, payload, position, event_at='event_at', keys=none) %}
    {%- set event_order = [event_at] + position -%}
    {%- set in_order = order_of_events(event_at, position) | join(', ') -%}
    select
        members.{{ key }},
        {%- for column in active_keys + payload %}
        members.{{ column }},
        {%- endfor %}
        members.{{ event_at }} as valid_from,
        sets.valid_to,
        sets.version_number,
        sets.valid_to_order is null as is_current
    from {{ satellite }} as members
    inner join (
        select
            folded.*,
            lead({{ event_at }}) over (partition by {{ key }} order by {{ in_order }}) as valid_to,
            lead(set_hashdiff) over (partition by {{ key }} order by {{ in_order }}) as valid_to_order,
            row_number() over (partition by {{ key }} order by {{ in_order }}) as version_number
        from (
            select
                distinct_sets.*,
                lag(set_hashdiff) over (partition by {{ key }} order by {{ in_order }}) as previous_set_hashdiff
            from (
                select
                    {{ key }},
                    {{ in_order }},
                    set_hashdiff,
                    row_number() over (
                        partition by {{ key }}, {{ in_order }} order by count(*) desc, set_hashdiff
                    ) as part_number
                from {{ satellite }}
                {%- if keys %}
                where {{ key }} in (select touched.{{ key }} from {{ keys }} as touched)
                {%- endif %}
                group by {{ key }}, {{ in_order }}, set_hashdiff
            ) as distinct_sets
            where part_number = 1
        ) as folded
        where previous_set_hashdiff is null or previous_set_hashdiff <> set_hashdiff
    ) as sets
        on {% for column in [key] + event_order + ['set_hashdiff'] -%}
            members.{{ column }} = sets.{{ column }}{{ '\n            and ' if not loop.last }}
        {%- endfor %}
    where {% for column in active_keys + payload %}members.{{ column }} is not null{{ ' or ' if not loop.last }}{% endfor %}
{%- endmacro %}
