{#
    Link: one row per combination of business keys ever seen together. Insert-only; reads the records it has not read.
    key: name of the link's hash key. hubs: for each hub key column the source columns of its business key, in order; all of
    them together make the link's key. sources: list of ref()s that have these columns.
#}
{% macro link(key, hubs, sources) %}
    {%- do require_arguments('link', {'key': key, 'hubs': hubs, 'sources': sources}) -%}
    {%- do refuse_unique_key('link') -%}
    {{- config(dist=key, sort=key) -}}
    {%- set business_keys = [] -%}
    {%- for columns in hubs.values() -%}{%- do business_keys.extend(columns) -%}{%- endfor -%}
with

new_records as (

    {%- for relation in sources %}

    select distinct
        {{ business_keys | join(',\n        ') }},
        '{{ relation_name(relation) }}' as record_source
    from {{ relation }} as records
    where {{ is_new_record(relation, 'records') }}
    {{- '\n\n    union all' if not loop.last }}
    {%- endfor %}

),

hashed as (

    select
        {{ hash_key(business_keys) | indent(8) }} as {{ key }},
        {%- for hub_key, columns in hubs.items() %}
        {{ hash_key(columns) | indent(8) }} as {{ hub_key }},
        {%- endfor %}
        record_source
    from new_records

),

keyed as (

    select
        {{ key }},
        {%- for hub_key in hubs %}
        min({{ hub_key }}) as {{ hub_key }},
        {%- endfor %}
        min(record_source) as record_source
    from hashed
    group by {{ key }}

),

unknown as (

    {{ rows_not_stored('keyed', key) }}

)

select
    cast({{ key }} as {{ text_type(64) }}) as {{ key }},
    {%- for hub_key in hubs %}
    cast({{ hub_key }} as {{ text_type(64) }}) as {{ hub_key }},
    {%- endfor %}
    {{ load_columns('record_source') }}
from unknown
{%- endmacro %}
