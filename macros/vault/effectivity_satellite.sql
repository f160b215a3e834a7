{#
    Effectivity satellite: when a relationship of a link was in effect. Insert-only, on the link's key.

    Of the relationships of one driving key the one that was stated last, in event order, is in effect; it stops being so when another
    one is stated, or when a delete names it, and is in effect again when it is stated again. A delete that carries the driving key alone, or
    leaves other keys out, names every relationship that has the keys it does carry. A row says that from its event time on the
    relationship is (is_effective) or is not in effect. What a row says holds whatever arrives later, so late records only add rows;
    satellite_versions() folds those that repeat what is known.

    key: hash key of the link. hubs: as in link(); child_keys too. driving_keys: those of the hub key columns that can have one
    relationship at a time. operation, deletes: column with the kind of change and its values that mean a delete; none where relationships
    are never deleted. The other arguments as in satellite().
    Columns: key, the hub keys, the child keys, event order, is_effective, hashdiff, load columns.
#}
{% macro effectivity_satellite(
    key, hubs, driving_keys, source, position, event_at='event_at', child_keys=[], operation=none, deletes=['delete']
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
    {{- config(dist=driving_keys[0], sort=driving_keys + [event_at]) -}}
    {%- set driving_parts = [] -%}
    {%- for hub_key in driving_keys -%}{%- do driving_parts.extend(hubs[hub_key]) -%}{%- endfor -%}
    {%- set parts = link_parts(hubs, child_keys) -%}
    {%- set event_order = [event_at] + position -%}
    {%- set carried = (hubs | list) + key_columns(child_keys) -%}
    {%- set in_order = order_of_events(event_at, position) | join(', ') -%}
    {%- set window = 'partition by ' ~ driving_keys | join(', ') ~ ' order by ' ~ in_order -%}
    {%- set so_far = ' rows between unbounded preceding and current row' -%}
with
{{- touched_records(source, driving_parts, (key_columns(parts) + event_order + ([operation] if operation else [])) | unique | list) }},

hashed as (

    select
        {{ link_keys(key, hubs, child_keys) | indent(8) }},
        {{ "case when " ~ operation ~ " in ('" ~ deletes | join("', '") ~ "') then 0 else 1 end" if operation else 1 }} as states,
        {{ event_order | join(',\n        ') }}
    from records

),

{% if is_whole_order(position) -%}
{{ moments_in_order('hashed', driving_keys, event_at, position, [key] + carried + ['states'] + position) }}

{% endif -%}
{%- set rows = 'moments' if is_whole_order(position) else 'hashed' -%}
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
            partition by {{ driving_keys | join(', ') }}, statement_number
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
            partition by {{ driving_keys | join(', ') }}, statement_number order by {{ in_order }}{{ so_far }}
        ) as deletes_so_far
    from stated

),

effective as (

    select
        {{ driving_keys | join(',\n        ') }},
        {{ event_order | join(',\n        ') }},
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
{%- endmacro %}
