{#
    The lines of a bill as delivered, every value as text; the whole body of a copy_ model with materialized unloaded_files. Grain and columns are those
    of copied_records(). On Redshift the files are an external table (meta replica).
    columns: names as the files have them.
#}
{% macro bill_records(columns) %}{{ return(adapter.dispatch('bill_records', 'millrace')(columns)) }}{% endmacro %}

{% macro default__bill_records(columns) -%}{{ copied_records(columns) }}{%- endmacro %}

{% macro redshift__bill_records(columns) -%}
select
    {%- for column in columns %} {#- a map of Redshift Spectrum cannot be taken whole: select the tag as a column of the export #}
    cast({{ 'null' if (config.meta_get('copied_types', {}) or {}).get(column) == 'map' else 'line_items.' ~ column }} as {{ text_type(4096) }}) as {{ column }},
    {%- endfor %}
    cast(null as {{ text_type(65535) }}) as unknown_fields,
    cast(null as {{ text_type(65535) }}) as invalid_record,
    line_items."$path" as landing_file,
    cast(null as bigint) as record_number,
    cast({{ now_utc() }} as timestamp) as refresh_time
from {{ config.meta_get('replica', '') }} as line_items
{%- endmacro %}
