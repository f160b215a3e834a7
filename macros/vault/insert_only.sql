{# What hubs, links and satellites share: the rows they do not have yet, and the columns that say where a row came from. #}

{# SELECT of the rows of a CTE whose key columns the table does not have together; all of them on a first load. #}
{% macro rows_not_stored(rows, keys) -%}
    select {{ rows }}.*
    from {{ rows }}
    {%- if is_incremental() %}
    left join {{ this }} as known
        on {% for key in keys %}{{ rows }}.{{ key }} = known.{{ key }}{{ '\n            and ' if not loop.last }}{% endfor %}
    where known.{{ keys[0] }} is null
    {%- endif %}
{%- endmacro %}


{# The last columns of a vault table: loaded_at, load_id, record_source. #}
{% macro load_columns(record_source) -%}
    cast({{ load_time() | indent(4) }} as {{ timestamp_type() }}) as loaded_at,
    cast('{{ invocation_id }}' as {{ text_type(64) }}) as load_id,
    cast({{ record_source }} as {{ text_type(256) }}) as record_source
{%- endmacro %}


{# Name of a relation as record_source; unit tests put a CTE in its place. #}
{% macro relation_name(relation) %}{{ return(relation.identifier | replace('__dbt__cte__', '')) }}{% endmacro %}
