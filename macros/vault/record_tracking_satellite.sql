{#
    Record tracking satellite: on which days which source spoke of a key. Insert-only; reads the records it has not read. One row per key,
    source and day (UTC, of the event). Answers when a source last knew a key where it states no deletes.
    key: hash key of the hub. business_keys: the hub's key columns. sources: as in hub(), each may name its event time ('event_at').
#}
{% macro record_tracking_satellite(key, business_keys, sources) %}
    {%- do require_arguments('record_tracking_satellite', {'key': key, 'business_keys': business_keys, 'sources': sources}) -%}
    {%- do refuse_unique_key('record_tracking_satellite') -%}
    {{- config(dist=key, sort=[key, 'seen_on']) -}}
    {%- set names = key_columns(business_keys) -%}
with

new_records as (

    {%- for item in sources %}
    {%- set columns = item.business_keys or names %}

    select distinct
        {%- for column in columns %}
        {{ key_text(business_keys[loop.index0], alias='records', column=column) }} as {{ names[loop.index0] }},
        {%- endfor %}
        cast(records.{{ item.event_at or 'event_at' }} as date) as seen_on,
        '{{ relation_name(item.relation) }}' as record_source
    from {{ item.relation }} as records
    where {{ is_new_record(item.relation, 'records') }}
    {{- '\n\n    union all' if not loop.last }}
    {%- endfor %}

),

seen as (

    select distinct
        {{ hash_key(business_keys) | indent(8) }} as {{ key }},
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
