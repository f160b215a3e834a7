{#
    What the manifests of bills say, read while they land: the whole body of a copy_ model with materialized unloaded_files and the landing format
    manifest. Grain: one row per taken manifest. Columns: assembly_id (the assembly of a Cost and Usage Report, the execution of an export), listed_files
    (how many data files it names), landing_file, refresh_time. Manifests may be one line or many: what is looked for stands on one.
    Redshift cannot read some files of a folder and not the others; there the registered folders say which assembly is meant.
#}
{% macro bill_manifest_records() %}{{ return(adapter.dispatch('bill_manifest_records', 'millrace')()) }}{% endmacro %}

{% macro default__bill_manifest_records() -%}
{%- set endings = ['.gz"', '.zip"', '.csv"', '.parquet"'] -%}
with

lines as (

    {{ text_lines() | indent(4) }}

)

select
    cast(max(coalesce(
        nullif(split_part(split_part(line, '"assemblyId"', 2), '"', 2), ''),
        nullif(split_part(split_part(line, '"executionId"', 2), '"', 2), '')
    )) as {{ text_type(256) }}) as assembly_id,
    cast(sum(
        {%- for ending in endings %}
        {{ '+ ' if not loop.first }}(length(line) - length(replace(line, '{{ ending }}', ''))) / {{ ending | length }}
        {%- endfor %}
    ) as bigint) as listed_files,
    cast(landing_file as {{ text_type(1024) }}) as landing_file,
    {{ landing_refresh_time() }} as refresh_time
from lines
group by landing_file
{%- endmacro %}

{% macro redshift__bill_manifest_records() -%}
select
    cast(null as {{ text_type(256) }}) as assembly_id,
    cast(null as bigint) as listed_files,
    cast(null as {{ text_type(1024) }}) as landing_file,
    cast({{ now_utc() }} as timestamp) as refresh_time
where 1 = 0
{%- endmacro %}
