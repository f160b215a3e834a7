{# What hubs, links and satellites share: the rows they do not have yet, and the columns that say where a row came from. #}

{#
    SELECT of the rows of a CTE whose key columns the table does not have together; all of them on a first load. nullable: those of the keys
    that may be null, texts all of them, where null is a value like any other; the table then has loaded_at. condition:
    what a row of the table (`known`) must fulfil besides to be the same.
#}
{% macro rows_not_stored(rows, keys, nullable=[], condition=none) -%}
    select {{ rows }}.*
    from {{ rows }}
    {%- if is_incremental() %}
    left join {{ this }} as known
        on {% for key in keys -%}
            {%- if key in nullable -%}
            coalesce('=' || {{ rows }}.{{ key }}, '') = coalesce('=' || known.{{ key }}, '')
            {%- else -%}
            {{ rows }}.{{ key }} = known.{{ key }}
            {%- endif -%}
            {{- '\n            and ' if not loop.last }}
        {%- endfor %}
            {{- '\n            and ' ~ condition if condition }}
    {%- if keys[0] in nullable %}
    where known.loaded_at is null
    {%- else %}
    where known.{{ keys[0] }} is null
    {%- endif %}
    {%- endif %}
{%- endmacro %}


{# The last columns of a table that keeps what loads wrote: loaded_at, load_id and, where it has several sources, record_source. #}
{% macro load_columns(record_source=none) -%}
    cast({{ load_time() | indent(4) }} as {{ timestamp_type() }}) as loaded_at,
    cast('{{ invocation_id }}' as {{ text_type(64) }}) as load_id
    {%- if record_source %},
    cast({{ record_source }} as {{ text_type(256) }}) as record_source
    {%- endif %}
{%- endmacro %}


{#
    SELECT of the business keys in the records that the table has not read, one source after the other, under the names of the table.
    macro_name: who asks, for the error. sources: as in hub(); `added` of one are columns more, as expressions by name. with_day: also seen_on,
    the day of the event (UTC).
#}
{% macro new_business_keys(macro_name, business_keys, sources, with_day=false) %}
    {%- set names = key_columns(business_keys) -%}
    {%- for item in sources %}
    {%- set columns = item.business_keys or names %}
    {#- while dbt parses, a ref() does not know its name yet #}
    {%- if execute and columns | length != names | length %}
        {{ exceptions.raise_compiler_error(
            "millrace: " ~ model.name ~ ": " ~ macro_name ~ "(): source " ~ item.relation.identifier ~ " gives "
            ~ columns | length ~ " business keys, the table has " ~ names | length ~ ". Give one for each key column, in the table's order."
        ) }}
    {%- endif %}

    select distinct
        {%- for name in names %}
        {{ key_text(business_keys[loop.index0], alias='records', column=columns[loop.index0]) }} as {{ name }},
        {%- endfor %}
        {%- if with_day %}
        cast({{ known_moment('records.' ~ (item.event_at or 'event_at')) }} as date) as seen_on,
        {%- endif %}
        {%- for name, expression in (item.added or {}).items() %}
        {{ expression }} as {{ name }},
        {%- endfor %}
        '{{ relation_name(item.relation) }}' as record_source
    from {{ item.relation }} as records
    where {{ is_new_record(item.relation, 'records') }}
    {{- '\n\n    union all' if not loop.last }}
    {%- endfor %}
{%- endmacro %}


{#
    Name of the model behind a relation, as in record_source and load marks: whatever its alias and its schema are, another one's under --defer
    among them. Unit tests put a CTE in its place.
#}
{% macro relation_name(relation) %}
    {%- set name = relation.identifier | replace('__dbt__cte__', '') -%}
    {%- if execute and model is defined and graph -%}
        {%- for id in (model.get('depends_on') or {}).get('nodes', []) -%}
            {%- set node = graph.nodes.get(id) -%}
            {%- if node and node.name != name and node.get('alias') == name and node.schema == relation.schema -%}
                {{ return(node.name) }}
            {%- endif -%}
            {%- set deferred = (node or {}).get('defer_relation') -%}
            {%- if deferred and deferred.alias == name and deferred.schema == relation.schema -%}{{ return(node.name) }}{%- endif -%}
        {%- endfor -%}
    {%- endif -%}
    {{ return(name) }}
{% endmacro %}
