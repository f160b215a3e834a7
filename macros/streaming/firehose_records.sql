{#
    The records of the objects that a Firehose stream wrote, as delivered; the whole body of a copy_ model. Records may stand back to
    back or line by line, in plain or gzipped objects.
    Grain: one row per record of a taken object.
    Columns: landing_file and record_number (its place; on Redshift landing_file is null and record_number an identity), refresh_time,
    payload, invalid_payload. On Redshift COPY refuses a whole object with one malformed record; it shows in the load errors.
    The model's config: materialized copied_files, landing_path, landing_format firehose.
#}
{% macro firehose_records() %}{{ return(adapter.dispatch('firehose_records', 'millrace')()) }}{% endmacro %}

{% macro default__firehose_records() %}{{ engine_refuses('firehose_records') }}{% endmacro %}

{# COPY fills the table; this says what it looks like. #}
{% macro redshift__firehose_records() -%}
select
    cast(null as {{ text_type(1024) }}) as landing_file,
    cast(null as bigint) as record_number,
    cast(null as timestamp) as refresh_time,
    cast(null as super) as payload,
    cast(null as varbyte) as invalid_payload
where 1 = 0
{%- endmacro %}

{% macro duckdb__firehose_records() -%}
with

landed_records as (

    select
        odd_file,
        generate_subscripts(records, 1) as record_number,
        unnest(records) as record
    from (
        select
            odd_file,
            landing_file_records(odd_file, '{{ landing_options() }}') as records
        from (select unnest(getvariable('landing_odd_files')) as odd_file) as odd_files
    ) as objects

)

select
    substring(odd_file, length('{{ var('landing_root').rstrip('/') }}/') + 1) as landing_file,
    cast(record_number as bigint) as record_number,
    cast(getvariable('refresh_time') as timestamp) as refresh_time,
    cast(case when json_valid(record ->> '$.payload') then record ->> '$.payload' end as json) as payload,
    coalesce(
        record ->> '$.invalid_payload',
        case when not json_valid(record ->> '$.payload') then record ->> '$.payload' end
    ) as invalid_payload
from landed_records
{%- endmacro %}

{# Records back to back in one line: a closing brace, an opening one and nothing between them is where one ends. #}
{% macro athena__firehose_records() -%}
with

landed_records as (

    select
        lines."$path" as landing_file,
        records.record
    from {{ landing_table() }} as lines
    cross join unnest({{ athena_firehose_records('lines.line') }}) as records (record)
    {{ athena_new_files('lines') | indent(4) }}

)

select
    landing_file,
    row_number() over (partition by landing_file, record order by landing_file) as record_number,
    {{ athena_refresh_time() }} as refresh_time,
    case when try(json_parse(record)) is not null then record end as payload,
    case when try(json_parse(record)) is null then record end as invalid_payload
from landed_records
where record <> ''
{%- endmacro %}


{# The JSON objects of one line, which Firehose writes one behind the other. #}
{% macro athena_firehose_records(line) -%}
    split(regexp_replace({{ line }}, '\}\s*\{', '}' || chr(30) || '{'), chr(30))
{%- endmacro %}
