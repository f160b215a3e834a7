{#
    Hub: one row per business key ever seen. Insert-only; reads the records each source has that this hub has not read.
    key: name of the hash key column. business_keys: names of the hub's key columns. sources: list of
    {'relation': ref(), 'business_keys': [source columns, in the hub's order]}; business_keys may be left out where the names
    are the same. The zero key stands for records without the key, so that nothing disappears in a join.
#}
{% macro hub(key, business_keys, sources) %}
    {%- do require_arguments('hub', {'key': key, 'business_keys': business_keys, 'sources': sources}) -%}
    {%- do refuse_unique_key('hub') -%}
    {{- config(dist=key, sort=key) -}}
with

new_records as (

    {%- for item in sources %}
    {%- set relation = item.relation %}
    {%- set columns = item.business_keys or business_keys %}
    {#- while dbt parses, a ref() does not know its name yet #}
    {%- if execute and columns | length != business_keys | length %}
        {{ exceptions.raise_compiler_error(
            "millrace: " ~ model.name ~ ": hub(): source " ~ relation.identifier ~ " gives " ~ columns | length
            ~ " business keys, the hub has " ~ business_keys | length ~ "."
        ) }}
    {%- endif %}

    select distinct
        {%- for column in columns %}
        {{ trim_blanks(as_text('records.' ~ column)) }} as {{ business_keys[loop.index0] }},
        {%- endfor %}
        '{{ relation_name(relation) }}' as record_source
    from {{ relation }} as records
    where {{ is_new_record(relation, 'records') }}
    {{- '\n\n    union all' if not loop.last }}
    {%- endfor %}

),

hashed as (

    select
        {{ hash_key(business_keys) | indent(8) }} as {{ key }},
        {{ business_keys | join(',\n        ') }},
        record_source
    from new_records

),

keyed as (

    select
        {{ key }},
        {%- for column in business_keys %}
        min({{ column }}) as {{ column }},
        {%- endfor %}
        min(record_source) as record_source
    from hashed
    where {{ key }} <> '{{ zero_key() }}'
    group by {{ key }}
    {%- if not is_incremental() %}

    union all

    select
        '{{ zero_key() }}' as {{ key }},
        {%- for column in business_keys %}
        cast(null as {{ text_type(65535) }}) as {{ column }},
        {%- endfor %}
        'zero key' as record_source
    {%- endif %}

),

unknown as (

    {{ rows_not_stored('keyed', key) }}

)

select
    cast({{ key }} as {{ text_type(64) }}) as {{ key }},
    {%- for column in business_keys %}
    cast({{ column }} as {{ text_type(256) }}) as {{ column }},
    {%- endfor %}
    {{ load_columns('record_source') }}
from unknown
{%- endmacro %}
