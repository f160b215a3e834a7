{#
    How a vault table that keeps an order of events reads its source: two CTEs, `touched_keys` (on a later load) and `records`, the whole
    staged history of the keys that new records touch. A late record then finds its place among all the others. Keys are compared by their
    rules, as in their hash: 'C1 ' touches the history of 'C1'.
    source: relation. keys: key parts (names, or mappings with rules). columns: what to read. hash_key: the key is a hash key that the source
    has, which is compared as it is.
#}
{% macro touched_records(source, keys, columns, hash_key=false) %}
{%- if is_incremental() %}

touched_keys as (

    select distinct
        {%- for part in keys %}
        {{ key_join_text(part, 'records', hash_key) }} as {{ key_column(part) }}{{ ',' if not loop.last }}
        {%- endfor %}
    from {{ source }} as records
    where {{ is_new_record(source, 'records') }}

),
{%- endif %}

records as (

    select
        {%- for column in columns %}
        records.{{ column }}{{ ',' if not loop.last }}
        {%- endfor %}
    from {{ source }} as records
    {%- if is_incremental() %}
    inner join touched_keys
        on {% for part in keys -%}
            {%- set column = key_column(part) -%}
            {%- if keys | length == 1 -%}
            {{ key_join_text(part, 'records', hash_key) }} = touched_keys.{{ column }}
            {%- else -%}
            coalesce({{ key_join_text(part, 'records') }}, '^0') = coalesce(touched_keys.{{ column }}, '^0')
            {%- endif -%}
            {{- '\n            and ' if not loop.last }}
        {%- endfor %}
    {%- endif %}
    where {% for part in keys %}records.{{ key_column(part) }} is not null{{ ' or ' if not loop.last }}{% endfor %}

)
{%- endmacro %}


{# A key part as its hash has it, or a hash key as it is. #}
{% macro key_join_text(part, alias, hash_key=false) %}{{ return(alias ~ '.' ~ part if hash_key else key_text(part, alias=alias)) }}{% endmacro %}


{# Names of the columns of key parts: of names and of mappings with rules. #}
{% macro key_columns(parts) %}
    {%- set names = [] -%}
    {%- for part in parts -%}{%- do names.append(key_column(part)) -%}{%- endfor -%}
    {{ return(names) }}
{% endmacro %}
