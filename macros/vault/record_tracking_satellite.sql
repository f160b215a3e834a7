{#
    Record tracking satellite: on which days which source spoke of a key. Insert-only; reads the records it has not read. One row per key,
    source and day (UTC, of the event). Answers when a source last knew a key where it states no deletes.
    key: hash key of the hub. business_keys: the hub's key columns. sources: as in hub(), each may name its event time ('event_at').
    With satellites it is an extended tracking satellite (XTS): one row more per satellite and payload, with its hashdiff, which is that of the
    satellite itself, so that it says on which days which source stated which version, repeats among them.
    satellites of a source: {'satellites': {'sat_customer': ['name', 'city']}}, the payload of each; all sources have them or none.
    timestamps, booleans of a source: those of the payload columns that are, as in satellite().
#}
{% macro record_tracking_satellite(key, business_keys, sources) %}
    {%- do require_arguments('record_tracking_satellite', {'key': key, 'business_keys': business_keys, 'sources': sources}) -%}
    {%- do refuse_unique_key('record_tracking_satellite') -%}
    {{- config(dist=key, sort=[key, 'seen_on']) -}}
    {%- set tracked = tracked_sources(sources) -%}
    {%- set of_version = ['satellite_name', 'hashdiff'] if tracked[0].added else [] -%}
with

new_records as (
{{ new_business_keys('record_tracking_satellite', business_keys, tracked, with_day=true) }}

),

seen as (

    select distinct
        {{ hash_key(settled_parts(business_keys)) | indent(8) }} as {{ key }},
        seen_on,
        {%- for column in of_version %}
        {{ column }},
        {%- endfor %}
        record_source
    from new_records

),

unknown as (

    {{ rows_not_stored('seen', [key, 'seen_on'] + of_version + ['record_source']) }}

)

select
    cast({{ key }} as {{ text_type(64) }}) as {{ key }},
    seen_on,
    {%- for column in of_version %}
    cast({{ column }} as {{ text_type(256) }}) as {{ column }},
    {%- endfor %}
    {{ load_columns('record_source') }}
from unknown
{%- endmacro %}


{# Sources of a record tracking satellite, where they name satellites once for each: `added` has its columns satellite_name and hashdiff. #}
{% macro tracked_sources(sources) %}
    {%- set named = sources | selectattr('satellites') | list -%}
    {%- if named and named | length != sources | length -%}
        {{ exceptions.raise_compiler_error(
            "millrace: " ~ model.name ~ ": record_tracking_satellite(): of " ~ sources | length ~ " sources, " ~ named | length
            ~ " name satellites. Give every source its satellites, for example {'satellites': {'sat_customer': ['name']}}, or none."
        ) }}
    {%- endif -%}
    {%- if not named -%}{{ return(sources) }}{%- endif -%}
    {%- set tracked = [] -%}
    {%- for item in sources -%}
        {%- for name, payload in item.satellites.items() -%}
            {%- set columns = hashable(payload, item.timestamps or [], item.booleans or [], source=item.relation) -%}
            {%- do tracked.append(dict(item, added={'satellite_name': "'" ~ name ~ "'", 'hashdiff': hashdiff(columns)})) -%}
        {%- endfor -%}
    {%- endfor -%}
    {{ return(tracked) }}
{% endmacro %}
