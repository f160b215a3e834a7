{#
    How a vault table that keeps an order of events reads its source: two CTEs, `touched_keys` (on a later load) and `records`, the whole
    staged history of the keys that new records touch. A late record then finds its place among all the others.
    source: relation. keys: key parts (names, or mappings with rules) or hash key columns that the source has. columns: what to read.
#}
{% macro touched_records(source, keys, columns) %}
{%- if is_incremental() %}

touched_keys as (

    select distinct
        {%- for part in keys %}
        {{ key_join_text(part, 'records') }} as {{ key_column(part) }}{{ ',' if not loop.last }}
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
            {{ key_join_text(part, 'records') }} = touched_keys.{{ column }}
            {%- else -%}
            coalesce({{ as_text(key_join_text(part, 'records')) }}, '^0') = coalesce({{ as_text('touched_keys.' ~ column) }}, '^0')
            {%- endif -%}
            {{- '\n            and ' if not loop.last }}
        {%- endfor %}
    {%- endif %}
    where {% for part in keys %}records.{{ key_column(part) }} is not null{{ ' or ' if not loop.last }}{% endfor %}

)
{%- endmacro %}


{# Staging trims: a part without rules is compared as it is. #}
{% macro key_join_text(part, alias) %}
    {{ return(alias ~ '.' ~ part if part is string else key_text(part, alias=alias)) }}
{% endmacro %}


{# Names of the columns of key parts: of names and of mappings with rules. #}
{% macro key_columns(parts) %}
    {%- set names = [] -%}
    {%- for part in parts -%}{%- do names.append(key_column(part)) -%}{%- endfor -%}
    {{ return(names) }}
{% endmacro %}
