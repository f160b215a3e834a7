{#
    The versions that a satellite holds, with their validity: a SELECT to put into a CTE. Equal neighbours are folded into the
    earlier one. valid_from is the event time, valid_to the event time of the next version (null: still valid); of several
    versions at one moment all but the last have an empty validity and is_current tells the last one.
    satellite: ref() of the satellite. key: its hash key, or the list of its key columns. payload: columns to carry. position: its tie
    breakers. keys: name of a CTE with the column `key`, to read these keys only. where: a further predicate on the rows, such as the
    rule version of a computed satellite. The ghost record is left out.
#}
{% macro satellite_versions(satellite, key, payload, position, event_at='event_at', keys=none, where=none) %}
    {%- set grain = [key] if key is string else key -%}
    {%- set event_order = (order_of_events(event_at, position) + ['hashdiff']) | join(', ') -%}
    {%- set backwards = (order_of_events(event_at, position) + ['hashdiff']) | join(' desc, ') ~ ' desc' -%}
    select
        {{ (grain + payload) | join(',\n        ') }},
        {{ event_at }} as valid_from,
        lead({{ event_at }}) over (partition by {{ grain | join(', ') }} order by {{ event_order }}) as valid_to,
        row_number() over (partition by {{ grain | join(', ') }} order by {{ event_order }}) as version_number,
        row_number() over (partition by {{ grain | join(', ') }} order by {{ backwards }}) = 1 as is_current
    from (
        select
            versions.*,
            lag(hashdiff) over (partition by {{ grain | join(', ') }} order by {{ event_order }}) as previous_hashdiff
        from {{ satellite }} as versions
        where
            {{ "versions." ~ grain[0] if grain | length == 1 else "coalesce(versions." ~ grain[0] ~ ", '')" }} <> '{{ zero_key() }}'
            {%- if keys %}
            and versions.{{ grain[0] }} in (select touched.{{ grain[0] }} from {{ keys }} as touched)
            {%- endif %}
            {%- if where %}
            and {{ where }}
            {%- endif %}
    ) as neighbours
    where previous_hashdiff is null or previous_hashdiff <> hashdiff
{%- endmacro %}
