{#
    Link: one row per combination of business keys ever seen together. Insert-only; reads the records it has not read.
    key: name of the link's hash key. hubs: for each hub key column the source columns of its business key, in order; all of
    them together make the link's key. sources: list of ref()s that have these columns.
#}
{% macro link(key, hubs, sources) %}
    {%- do require_arguments('link', {'key': key, 'hubs': hubs, 'sources': sources}) -%}
    {%- do refuse_unique_key('link') -%}
    {%- set business_keys = [] -%}
    {%- for columns in hubs.values() -%}{%- do business_keys.extend(columns) -%}{%- endfor -%}
with

new_records as (

    {%- for relation in sources %}

    select distinct
        {{ business_keys | join(',\n        ') }},
        '{{ relation.identifier | replace('__dbt__cte__', '') }}' as record_source
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

    select keyed.*
    from keyed
    {%- if is_incremental() %}
    left join {{ this }} as known
        on keyed.{{ key }} = known.{{ key }}
    where known.{{ key }} is null
    {%- endif %}

)

select
    cast({{ key }} as {{ text_type(64) }}) as {{ key }},
    {%- for hub_key in hubs %}
    cast({{ hub_key }} as {{ text_type(64) }}) as {{ hub_key }},
    {%- endfor %}
    cast({{ load_time() | indent(4) }} as {{ timestamp_type() }}) as loaded_at,
    cast('{{ invocation_id }}' as {{ text_type(64) }}) as load_id,
    cast(record_source as {{ text_type(256) }}) as record_source
from unknown
{%- endmacro %}
