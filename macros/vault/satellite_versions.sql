{#
    The versions that a satellite holds, with their validity: a SELECT to put into a CTE. Equal neighbours are folded into the
    earlier one. valid_from is the event time, valid_to the event time of the next version (null: still valid); of several
    versions at one moment all but the last have an empty validity and is_current tells the last one.
    satellite: ref() of the satellite. key: its hash key. payload: columns to carry. position: its tie breakers.
    keys: name of a CTE with the column `key`, to read these keys only.
#}
{% macro satellite_versions(satellite, key, payload, position, event_at='event_at', keys=none) %}
    {%- set event_order = ([event_at] + position) | join(', ') -%}
    {%- set backwards = ([event_at] + position) | join(' desc, ') ~ ' desc' -%}
    select
        {{ key }},
        {{ payload | join(',\n        ') }},
        {{ event_at }} as valid_from,
        lead({{ event_at }}) over (partition by {{ key }} order by {{ event_order }}) as valid_to,
        row_number() over (partition by {{ key }} order by {{ event_order }}) as version_number,
        row_number() over (partition by {{ key }} order by {{ backwards }}) = 1 as is_current
    from (
        select
            versions.*,
            lag(hashdiff) over (partition by {{ key }} order by {{ event_order }}) as previous_hashdiff
        from {{ satellite }} as versions
        {%- if keys %}
        where versions.{{ key }} in (select touched.{{ key }} from {{ keys }} as touched)
        {%- endif %}
    ) as neighbours
    where previous_hashdiff is null or previous_hashdiff <> hashdiff
{%- endmacro %}
