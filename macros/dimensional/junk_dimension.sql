{#
    Junk dimension: flags and codes of few values that describe a fact and are no dimension of their own, as one dimension; the whole body
    of a dim_ model. Grain: combination of values ever seen, and the one where all are null, whose key is the zero key. Insert-only; reads
    the records it has not read. Facts compute the same key: junk_key() with the same attributes in the same order.
    key: name of the key column. attributes: columns of the source, in a fixed order; one added at the end changes every key.
    source: ref() of a table or view that states loaded_at. timestamps, booleans: those of the attributes that are.
#}
{% macro junk_dimension(key, attributes, source, timestamps=[], booleans=[]) %}
    {%- do require_arguments('junk_dimension', {'key': key, 'attributes': attributes, 'source': source}) -%}
    {%- do refuse_unique_key('junk_dimension') -%}
    {{- config(materialized='incremental', incremental_strategy='append', dist='all', sort=key) -}}
with

combinations as (

    select distinct
        {{ attributes | join(',\n        ') }}
    from {{ source }} as records
    where {{ is_new_record(source, 'records') }}

),

hashed as (

    select
        {{ junk_key(attributes, timestamps, booleans, source) | indent(8) }} as {{ key }},
        {{ attributes | join(',\n        ') }}
    from combinations

),

-- texts that differ by blanks at their ends have one key
numbered as (

    select
        hashed.*,
        row_number() over (partition by {{ key }} order by {{ attributes | join(', ') }}) as spelling_number
    from hashed
    where {{ key }} <> '{{ zero_key() }}'

),

keyed as (

    select
        {{ key }},
        {{ attributes | join(',\n        ') }}
    from numbered
    where spelling_number = 1
    {%- if not is_incremental() %}

    union all

    select
        '{{ zero_key() }}' as {{ key }},
        {%- for attribute in attributes %}
        null as {{ attribute }}{{ ',' if not loop.last }}
        {%- endfor %}
    {%- endif %}

),

unknown as (

    {{ rows_not_stored('keyed', [key]) }}

)

select
    cast({{ key }} as {{ text_type(64) }}) as {{ key }},
    {{ attributes | join(',\n    ') }}
from unknown
{%- endmacro %}


{# Key of a combination of values in a junk dimension; the arguments as there. Facts and the dimension have to say the same of the types. #}
{% macro junk_key(attributes, timestamps=[], booleans=[], source=none) %}
    {{ return(hash_key(hashable(attributes, timestamps, booleans, source, find=false))) }}
{% endmacro %}
