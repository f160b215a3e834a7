{#
    Hub: one row per business key ever seen. Insert-only; reads the records each source has that this hub has not read.
    key: name of the hash key column. business_keys: the hub's key columns; a mapping gives one rules of its own ({'column': 'iban',
    'case': 'upper'}). sources: list of {'relation': ref(), 'business_keys': [source columns, in the hub's order]}; business_keys may be
    left out where the names are the same; a mapping gives a source rules of its own ({'column': 'account_number', 'collision_code': 'crm'}).
    The zero key stands for records without the key, so that nothing disappears in a join. A key of which a part is missing is kept, and
    is_partial_key says so (hubs of several key columns have that column).
#}
{% macro hub(key, business_keys, sources) %}
    {%- do require_arguments('hub', {'key': key, 'business_keys': business_keys, 'sources': sources}) -%}
    {%- do refuse_unique_key('hub') -%}
    {{- config(dist=key, sort=key) -}}
    {%- set names = key_columns(business_keys) -%}
with

new_records as (
{{ new_business_keys('hub', business_keys, sources) }}

),

hashed as (

    select
        {{ hash_key(settled_parts(business_keys)) | indent(8) }} as {{ key }},
        {{ names | join(',\n        ') }},
        record_source
    from new_records

),

keyed as (

    select
        {{ key }},
        {%- for column in names %}
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
        {%- for column in names %}
        cast(null as {{ text_type(65535) }}) as {{ column }},
        {%- endfor %}
        'zero key' as record_source
    {%- endif %}

),

unknown as (

    {{ rows_not_stored('keyed', [key]) }}

)

select
    cast({{ key }} as {{ text_type(64) }}) as {{ key }},
    {%- for column in names %}
    cast({{ column }} as {{ text_type(256) }}) as {{ column }},
    {%- endfor %}
    {%- if names | length > 1 %}
    {{ key }} <> '{{ zero_key() }}' and ({{ names | join(' is null or ') }} is null) as is_partial_key,
    {%- endif %}
    {{ load_columns('record_source') }}
from unknown
{%- endmacro %}
