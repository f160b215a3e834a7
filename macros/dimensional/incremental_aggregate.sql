{#
    Aggregate that a load brings up to date: the whole body of an agg_ model. Grain: one row per group. A load recomputes the groups that
    new records fall into, each from all its records; late records are counted like any others, and the others are left alone.
    key: name of the hash key column over the group, by which groups are replaced. group_by: names of the group's columns, each with its
    expression over the source; null is a group like any other. measures: column names, each with its aggregate, over `columns`.
    columns: columns of the source that the measures need. source: ref() of a table or view that states loaded_at and whose rows are only
    ever added: staging, a transactional link. A table whose rows change is refused, for nobody knows the group that a row has left.
#}
{% macro incremental_aggregate(key, group_by, measures, columns, source) %}
    {%- do require_arguments('incremental_aggregate', {'key': key, 'group_by': group_by, 'measures': measures, 'source': source}) -%}
    {%- do refuse_changing_source('incremental_aggregate', source) -%}
    {{- config(materialized='incremental', incremental_strategy='merge', unique_key=key, dist=key, sort=key) -}}
    {%- set names = group_by.keys() | list -%}
    {%- set measured = columns | reject('in', names) | list -%}
    {#- groups are what the engine's GROUP BY takes apart, so 'x' and 'x ' have keys of their own -#}
    {%- set parts = [] -%}
    {%- for name in names -%}{%- do parts.append({'column': group_text(name), 'trim': false}) -%}{%- endfor -%}
with

{% if is_incremental() -%}
touched as (

    select distinct
        {%- for name, expression in group_by.items() %}
        {{ expression }} as {{ name }}{{ ',' if not loop.last }}
        {%- endfor %}
    from {{ source }} as records
    where {{ is_new_record(source, 'records') }}

),

{% endif -%}
grouped as (

    select
        {%- for name, expression in group_by.items() %}
        {{ expression }} as {{ name }}{{ ',' if measured or not loop.last }}
        {%- endfor %}
        {%- for column in measured %}
        {{ column }}{{ ',' if not loop.last }}
        {%- endfor %}
    from {{ source }}

),

records as (

    select grouped.*
    from grouped
    {%- if is_incremental() %}
    inner join touched
        on {% for name in names -%}
            coalesce({{ as_text('grouped.' ~ name) }}, '^0') = coalesce({{ as_text('touched.' ~ name) }}, '^0')
            {{- '\n            and ' if not loop.last }}
        {%- endfor %}
    {%- endif %}

),

measured as (

    select
        {{ names | join(',\n        ') }},
        {%- for name, measure in measures.items() %}
        {{ measure }} as {{ name }}{{ ',' if not loop.last }}
        {%- endfor %}
    from records
    group by {{ names | join(', ') }}

)

select
    cast({{ hash_key(parts) | indent(4) }} as {{ text_type(64) }}) as {{ key }},
    {{ (names + measures.keys() | list) | join(',\n    ') }}
from measured
{%- endmacro %}


{# Stops where a source is a model whose rows are replaced. #}
{% macro refuse_changing_source(macro_name, source) %}
    {%- if execute -%}
        {%- for node in (graph.get('nodes') or {}).values() if node.name == relation_name(source) and node.resource_type == 'model' -%}
            {%- if node.config.materialized == 'incremental' and node.config.incremental_strategy not in ('append', none) -%}
                {{ exceptions.raise_compiler_error(
                    "millrace: " ~ model.name ~ ": " ~ macro_name ~ "(): the rows of " ~ node.name ~ " change (incremental_strategy "
                    ~ node.config.incremental_strategy ~ "), and a group that a row leaves would stay wrong. Aggregate staging or a vault "
                    ~ "table instead, or build the whole aggregate anew with materialized='table'."
                ) }}
            {%- endif -%}
        {%- endfor -%}
    {%- endif -%}
{% endmacro %}
