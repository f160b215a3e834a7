{#
    What an S3 Inventory lists, counted while it lands: the whole body of a copy_ model with materialized unloaded_files. Ten million objects of a
    bucket are some thousand rows; the lists themselves stay in S3.
    Grain: one row per file, prefix (key_prefix(), to the depth of the variable s3_prefix_depth), storage class, access tier, kind of version,
    encryption and age. Columns: those, delivery (when the listing began, yyyy-MM-dd-HH-mm), objects, size_bytes, small_objects (below 128 KiB),
    missing_small_bytes (what they lack to 128 KiB), marker_bytes (keys of delete markers), unreadable_objects (rows without a key), landing_file,
    refresh_time.
    columns: names and types of the lists; a list that lacks one has null there.
#}
{% macro inventory_records(columns) -%}
with

listed as (

    {{ inventory_rows(columns) | indent(4) }}

),

described as (

    select
        landing_file,
        delivery,
        coalesce(bucket, '') as bucket_name,
        coalesce(nullif({{ key_prefix('key', s3_prefix_depth()) }}, ''), '(root)') as prefix,
        coalesce(storage_class, 'STANDARD') as storage_class,
        coalesce(nullif(intelligent_tiering_access_tier, ''), '') as access_tier,
        case
            when is_delete_marker then 'delete marker'
            when is_latest is null or is_latest then 'current'
            else 'noncurrent'
        end as version_kind,
        coalesce(encryption_status, '') as encryption_status,
        case when key is null or key = '' then 1 else 0 end as is_unreadable,
        coalesce(size, 0) as size_bytes,
        case when is_delete_marker then {{ byte_length("coalesce(key, '')") }} else 0 end as key_bytes,
        case
            when not coalesce(is_delete_marker, false) and coalesce(size, 0) < 131072 then 131072 - coalesce(size, 0)
            else 0
        end as missing_bytes,
        {{ age_class('last_modified_date', 'delivery') | indent(8) }} as age_class
    from listed

)

select
    cast(delivery as {{ text_type(32) }}) as delivery,
    cast(bucket_name as {{ text_type(256) }}) as bucket_name,
    cast(prefix as {{ text_type(1024) }}) as prefix,
    cast(storage_class as {{ text_type(64) }}) as storage_class,
    cast(access_tier as {{ text_type(64) }}) as access_tier,
    cast(version_kind as {{ text_type(16) }}) as version_kind,
    cast(encryption_status as {{ text_type(64) }}) as encryption_status,
    cast(age_class as {{ text_type(32) }}) as age_class,
    cast(count(*) as bigint) as objects,
    cast(sum(size_bytes) as decimal(38, 0)) as size_bytes,
    cast(sum(case when missing_bytes > 0 then 1 else 0 end) as bigint) as small_objects,
    cast(sum(missing_bytes) as decimal(38, 0)) as missing_small_bytes,
    cast(sum(key_bytes) as decimal(38, 0)) as marker_bytes,
    cast(sum(is_unreadable) as bigint) as unreadable_objects,
    cast(landing_file as {{ text_type(1024) }}) as landing_file,
    {{ inventory_refresh_time() }} as refresh_time
from described
group by landing_file, delivery, bucket_name, prefix, storage_class, access_tier, version_kind, encryption_status, age_class
{%- endmacro %}


{# The rows of the lists of this load, with their delivery and file; see inventory_records(). #}
{% macro inventory_rows(columns) %}{{ return(adapter.dispatch('inventory_rows', 'millrace')(columns)) }}{% endmacro %}

{% macro default__inventory_rows(columns) %}{{ engine_refuses('inventory_rows') }}{% endmacro %}

{% macro duckdb__inventory_rows(columns) -%}
select
    {%- for name, type in columns.items() %}
    cast(files.{{ name }} as {{ type }}) as {{ name }},
    {%- endfor %}
    landing_symlinks.delivery,
    substring(files.landing_file, length('{{ var('landing_root').rstrip('/') }}/') + 1) as landing_file
from (
    select
        {%- for name, type in columns.items() %}
        cast(null as {{ type }}) as {{ name }},
        {%- endfor %}
        cast(null as varchar) as landing_file
    where false
    union all by name
    select columns(lambda c: list_contains({{ columns.keys() | list + ['landing_file'] }}, lower(c)))
    from read_parquet(getvariable('landing_files'), union_by_name = true, filename = 'landing_file')
) as files
left join landing_symlinks
    on parse_filename(files.landing_file) = landing_symlinks.file_name
{%- endmacro %}

{# Partitions of the external table are the deliveries there. #}
{% macro redshift__inventory_rows(columns) -%}
select
    {%- for name, type in columns.items() %}
    cast(inventory.{{ name }} as {{ type | replace('varchar', text_type(1024)) }}) as {{ name }},
    {%- endfor %}
    inventory.dt as delivery,
    inventory."$path" as landing_file
from {{ config.meta_get('replica', '') }} as inventory
{%- endmacro %}

{% macro athena__inventory_rows(columns) -%}
select
    {%- for name, type in columns.items() %}
    cast(lines.{{ name }} as {{ type }}) as {{ name }},
    {%- endfor %}
    lines.dt as delivery,
    lines."$path" as landing_file
from {{ landing_table() }} as lines
{{ athena_new_files('lines') }}
{%- endmacro %}


{# The moment of this load, in an inventory's landing model. #}
{% macro inventory_refresh_time() %}{{ return(adapter.dispatch('inventory_refresh_time', 'millrace')()) }}{% endmacro %}

{% macro default__inventory_refresh_time() -%}cast({{ now_utc() }} as {{ timestamp_type() }}){%- endmacro %}

{% macro duckdb__inventory_refresh_time() -%}cast(getvariable('refresh_time') as timestamp){%- endmacro %}

{% macro athena__inventory_refresh_time() -%}{{ athena_refresh_time() }}{%- endmacro %}


{#
    How old an object was when it was listed, as ranges that lifecycle rules are made of. last_modified: text, a timestamp or milliseconds since
    1970, as the lists have it. delivery: text, yyyy-MM-dd-HH-mm.
#}
{% macro age_class(last_modified, delivery) -%}
    {%- set moment -%}
    case
        when {{ matches_pattern(last_modified, '^[0-9]{1,18}$') }}
            then cast({{ timestamp_from_epoch_ms('cast(' ~ last_modified ~ ' as bigint)') }} as date)
        else {{ to_date(last_modified) }}
    end
    {%- endset -%}
    {%- set days = elapsed_days(moment, to_date('substring(' ~ delivery ~ ', 1, 10)')) -%}
    case
        when {{ last_modified }} is null or {{ delivery }} is null then 'unknown'
        when {{ days }} < 30 then 'below 30 days'
        when {{ days }} < 90 then '30 to 90 days'
        when {{ days }} < 180 then '90 to 180 days'
        else '180 days and more'
    end
{%- endmacro %}


{# The variable s3_prefix_depth. Stops for what is no depth. #}
{% macro s3_prefix_depth() %}
    {%- set depth = var('s3_prefix_depth', 4) -%}
    {%- if depth is not integer or depth < 1 or depth > 20 -%}
        {{ exceptions.raise_compiler_error(
            "millrace: " ~ model.name ~ ": the variable s3_prefix_depth is " ~ depth ~ ". It should be a whole number from 1 to 20: how many folders of "
            ~ "a key are told apart."
        ) }}
    {%- endif -%}
    {{ return(depth) }}
{% endmacro %}
