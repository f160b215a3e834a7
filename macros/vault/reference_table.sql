{#
    Reference table: the codes that were ever seen, by the code itself; what they mean, and meant, is in a reference_satellite().
    Insert-only; reads the records it has not read. A code that is null in all parts is left to the mart's unknown member; null in one part of
    several is a value of its own, and not ''.
    codes: columns of the code, or mappings with rules of their own. sources: as in hub().
#}
{% macro reference_table(codes, sources) %}
    {%- do require_arguments('reference_table', {'codes': codes, 'sources': sources}) -%}
    {%- do refuse_unique_key('reference_table') -%}
    {%- set names = key_columns(codes) -%}
    {{- config(dist='all', sort=names) -}}
with

new_records as (
{{ new_business_keys('reference_table', codes, sources) }}

),

codes as (

    select
        {%- for column in names %}
        {{ column }},
        {%- endfor %}
        min(record_source) as record_source
    from new_records
    where {{ names | join(' is not null or ') }} is not null
    group by {{ range(1, names | length + 1) | join(', ') }}

),

unknown as (

    {{ rows_not_stored('codes', names, nullable=names) }}

)

select
    {%- for column in names %}
    cast({{ column }} as {{ text_type(256) }}) as {{ column }},
    {%- endfor %}
    {{ load_columns('record_source') }}
from unknown
{%- endmacro %}
