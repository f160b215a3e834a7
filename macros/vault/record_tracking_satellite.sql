{#
    Record tracking satellite: on which days which source spoke of a key. Insert-only; reads the records it has not read. One row per key,
    source and day (UTC, of the event). Answers when a source last knew a key where it states no deletes.
    key: hash key of the hub. business_keys: the hub's key columns. sources: as in hub(), each may name its event time ('event_at').
#}
{% macro record_tracking_satellite(key, business_keys, sources) %}
    {%- do require_arguments('record_tracking_satellite', {'key': key, 'business_keys': business_keys, 'sources': sources}) -%}
    {%- do refuse_unique_key('record_tracking_satellite') -%}
    {{- config(dist=key, sort=[key, 'seen_on']) -}}
with

new_records as (
{{ new_business_keys('record_tracking_satellite', business_keys, sources, with_day=true) }}

),

seen as (

    select distinct
        {{ hash_key(settled_parts(business_keys)) | indent(8) }} as {{ key }},
        seen_on,
        record_source
    from new_records

),

unknown as (

    {{ rows_not_stored('seen', [key, 'seen_on', 'record_source']) }}

)

select
    cast({{ key }} as {{ text_type(64) }}) as {{ key }},
    seen_on,
    {{ load_columns('record_source') }}
from unknown
{%- endmacro %}
