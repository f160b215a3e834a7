{#
    What an S3 Inventory lists, counted while it lands: the whole body of a copy_ model with materialized unloaded_files. Ten million objects of a
    bucket are some thousand rows; the lists themselves stay in S3.
    Grain: one row per list (a configuration's delivery), prefix (counted_prefix(), to the depth of the variable s3_prefix_depth), storage class, access
    tier, kind of version, encryption and age. Columns: those, delivery (when the listing began, yyyy-MM-dd-HH-mm), objects, size_bytes, small_objects
    (below 128 KiB), missing_small_bytes (what they lack to 128 KiB), marker_bytes (keys of delete markers), unreadable_objects (rows without a key),
    first_key and last_key (in the order of their bytes: what a list covers shows in them), landing_file (the folder of the list's symlink file), refresh_time. All files of a list land at once.
    columns: names and types of the lists; a list that lacks one has null there.
#}
{% macro inventory_records(columns) -%}
with

listed as (

    {{ inventory_rows(columns) | indent(4) }}

),

-- what is grouped by is numbers where it can be: texts of groups are written behind
described as (

    select
        list_key,
        bucket,
        nullif(key, '') as key,
        {{ counted_prefix('bucket', 'key') | indent(8) }} as key_folders,
        storage_class,
        intelligent_tiering_access_tier,
        encryption_status,
        case when is_delete_marker then 2 when is_latest is null or is_latest then 0 else 1 end as version_code,
        coalesce(size, 0) as size_bytes,
        case
            when is_delete_marker or size >= 131072 then 0
            else 131072 - coalesce(size, 0)
        end as missing_bytes,
        case when is_delete_marker then {{ byte_length('key') }} else 0 end as marker_bytes,
        {{ elapsed_days('modified_on', 'delivered_on') | indent(8) }} as age_days
    from listed

),

counted as (

    select
        list_key,
        bucket,
        key_folders,
        storage_class,
        intelligent_tiering_access_tier,
        encryption_status,
        version_code,
        age_code,
        cast(count(*) as bigint) as objects,
        cast(sum(size_bytes) as decimal(38, 0)) as size_bytes,
        cast(count(case when missing_bytes > 0 then 1 end) as bigint) as small_objects,
        cast(sum(missing_bytes) as decimal(38, 0)) as missing_small_bytes,
        cast(sum(marker_bytes) as decimal(38, 0)) as marker_bytes,
        cast(count(*) - count(key) as bigint) as unreadable_objects,
        min(key) as first_key,
        max(key) as last_key
    from (
        select
            described.*,
            {{ age_code('age_days') | indent(12) }} as age_code
        from described
    ) as aged
    group by list_key, bucket, key_folders, storage_class, intelligent_tiering_access_tier, encryption_status, version_code, age_code

)

select
    cast(split_part({{ list_name('list_key') }}, '/hive/dt=', 2) as {{ text_type(32) }}) as delivery,
    cast(coalesce(bucket, '') as {{ text_type(256) }}) as bucket_name,
    cast(coalesce(nullif(key_folders, ''), '(root)') as {{ text_type(1024) }}) as prefix,
    cast(coalesce(storage_class, 'STANDARD') as {{ text_type(64) }}) as storage_class,
    cast(coalesce(intelligent_tiering_access_tier, '') as {{ text_type(64) }}) as access_tier,
    cast(case version_code when 2 then 'delete marker' when 1 then 'noncurrent' else 'current' end as {{ text_type(16) }}) as version_kind,
    cast(coalesce(encryption_status, '') as {{ text_type(64) }}) as encryption_status,
    cast({{ age_class('age_code') }} as {{ text_type(32) }}) as age_class,
    cast(sum(objects) as bigint) as objects,
    cast(sum(size_bytes) as decimal(38, 0)) as size_bytes,
    cast(sum(small_objects) as bigint) as small_objects,
    cast(sum(missing_small_bytes) as decimal(38, 0)) as missing_small_bytes,
    cast(sum(marker_bytes) as decimal(38, 0)) as marker_bytes,
    cast(sum(unreadable_objects) as bigint) as unreadable_objects,
    cast(min(first_key) as {{ text_type(1024) }}) as first_key,
    cast(max(last_key) as {{ text_type(1024) }}) as last_key,
    cast({{ list_name('list_key') }} as {{ text_type(1024) }}) as landing_file,
    {{ landing_refresh_time() }} as refresh_time
from counted
group by
    list_key,
    coalesce(bucket, ''),
    coalesce(nullif(key_folders, ''), '(root)'),
    coalesce(storage_class, 'STANDARD'),
    coalesce(intelligent_tiering_access_tier, ''),
    coalesce(encryption_status, ''),
    version_code,
    age_code
{%- endmacro %}


{#
    The rows of the lists of this load, with list_key (the list, whose name list_name() gives), delivered_on (the day of the delivery) and
    modified_on (that of the object's last_modified_date); see inventory_records().
#}
{% macro inventory_rows(columns) %}{{ return(adapter.dispatch('inventory_rows', 'millrace')(columns)) }}{% endmacro %}

{% macro default__inventory_rows(columns) %}{{ engine_refuses('inventory_rows') }}{% endmacro %}

{# Values keep the types that a Parquet file gives them: one way to text and back for fifty million objects takes as long as reading them. #}
{% macro duckdb__inventory_rows(columns) -%}
{%- set same = dict(columns) -%}
{%- do same.pop('last_modified_date') -%}
select
    {%- for name, type in same.items() %}
    cast(files.{{ name }} as {{ type }}) as {{ name }},
    {%- endfor %}
    coalesce(inventory_day(files.last_modified_date), {{ listed_on('files.last_modified_text') | indent(8) }}) as modified_on,
    landing_symlinks.delivered_on,
    landing_symlinks.list_number as list_key
from (
    select
        {%- for name, type in same.items() %}
        cast(null as {{ type }}) as {{ name }},
        {%- endfor %}
        null as last_modified_date,
        cast(null as varchar) as last_modified_text,
        cast(null as varchar) as landing_file
    where false
    union all by name
    select columns(lambda c: list_contains({{ columns.keys() | list + ['landing_file'] }}, lower(c)))
    from read_parquet(getvariable('landing_files'), union_by_name = true, filename = 'landing_file')
    union all by name
    select
        {%- for name, type in same.items() %}
        cast(fields.{{ name }} as {{ type }}) as {{ name }},
        {%- endfor %}
        fields.last_modified_date as last_modified_text,
        landing_file
    from (
        select
            landing_file,
            json_transform(record, '{{ tojson(dict.fromkeys(columns, 'VARCHAR')) }}') as fields
        from (
            select
                odd_file as landing_file,
                unnest(landing_file_records(odd_file, '{{ landing_options() }}')) as record
            from (select unnest(getvariable('landing_odd_files')) as odd_file) as odd_files
        ) as odd_records
    ) as read_records
) as files
left join landing_symlinks
    on parse_filename(files.landing_file) = landing_symlinks.file_name
{%- endmacro %}


{# Name of a list, the folder of its symlink file. key: column list_key. On DuckDB that is a number: fifty million objects are grouped by it. #}
{% macro list_name(key) %}{{ return(adapter.dispatch('list_name', 'millrace')(key)) }}{% endmacro %}

{% macro default__list_name(key) -%}{{ key }}{%- endmacro %}

{% macro duckdb__list_name(key) -%}getvariable('landing_lists')[{{ key }}]{%- endmacro %}


{# Statement before it: inventory_day(), the day of a moment in whichever type a Parquet file has it. #}
{% macro inventory_day_duckdb() -%}
create or replace temp macro inventory_day
    (moment bigint) as cast({{ timestamp_from_epoch_ms('moment') }} as date),
    (moment timestamp) as cast(moment as date),
    (moment timestamptz) as cast(moment at time zone 'UTC' as date),
    (moment varchar) as {{ listed_on('moment') }}
{%- endmacro %}

{# Partitions of the external table are the deliveries there. #}
{% macro redshift__inventory_rows(columns) -%}
select
    {%- for name, type in columns.items() if name != 'last_modified_date' %}
    {{ inventory_value('inventory.' ~ name, name, type) }} as {{ name }},
    {%- endfor %}
    {{ listed_on(inventory_value('inventory.last_modified_date', 'last_modified_date', columns.last_modified_date)) | indent(4) }} as modified_on,
    {{ to_date('substring(inventory.dt, 1, 10)') }} as delivered_on,
    {{ list_of_file('inventory."$path"', 'inventory.dt') }} as list_key
from {{ config.meta_get('replica', '') }} as inventory
{%- endmacro %}

{% macro athena__inventory_rows(columns) -%}
select
    {%- for name, type in columns.items() if name != 'last_modified_date' %}
    {{ inventory_value('lines.' ~ name, name, type) }} as {{ name }},
    {%- endfor %}
    {{ listed_on(inventory_value('lines.last_modified_date', 'last_modified_date', columns.last_modified_date)) | indent(4) }} as modified_on,
    {{ to_date('substring(lines.dt, 1, 10)') }} as delivered_on,
    {{ list_of_file('lines."$path"', 'lines.dt') }} as list_key
from {{ landing_table() }} as lines
{{ athena_new_files('lines') }}
{%- endmacro %}


{#
    A column of an external table over an inventory: its value, or null where the variable s3_inventory_columns does not list it. CSV has texts alone,
    and keys that are encoded.
#}
{% macro inventory_value(column, name, type) -%}
    {%- if name not in inventory_columns() -%}
        cast(null as {{ text_type(1024) if type == 'varchar' else type }})
    {%- elif s3_inventory_format() == 'csv' and name == 'key' -%}
        {{ url_decode("replace(" ~ column ~ ", '+', ' ')") }}
    {%- else -%}
        cast({{ "nullif(" ~ column ~ ", '')" if s3_inventory_format() == 'csv' else column }} as {{ text_type(1024) if type == 'varchar' else type }})
    {%- endif -%}
{%- endmacro %}


{# The variable s3_inventory_format, what external tables read: parquet, orc or csv. Stops for another. DuckDB goes by the names of the files. #}
{% macro s3_inventory_format() %}
    {%- set format = var('s3_inventory_format', 'parquet') -%}
    {%- if format not in ('parquet', 'orc', 'csv') -%}
        {{ exceptions.raise_compiler_error("millrace: the variable s3_inventory_format is '" ~ format ~ "'. It should be parquet, orc or csv.") }}
    {%- endif -%}
    {{ return(format) }}
{% endmacro %}


{# The variable s3_inventory_columns: columns of the inventory in the order of its manifest, for external tables. Stops where the key or the size is missing. #}
{% macro inventory_columns() %}
    {%- set names = var('s3_inventory_columns', []) -%}
    {%- for name in ('bucket', 'key', 'size') -%}
        {%- if name not in names -%}
            {{ exceptions.raise_compiler_error(
                "millrace: the variable s3_inventory_columns lacks " ~ name ~ ". It should list the columns of the inventory as fileSchema in its manifest.json has "
                ~ "them, in snake case; got " ~ names ~ "."
            ) }}
        {%- endif -%}
    {%- endfor -%}
    {{ return(names) }}
{% endmacro %}


{# Columns of the external table over an inventory, with types as Hive spells them: all of s3_inventory_columns, in that order. types: of those that are read. #}
{% macro inventory_table_columns(types) %}
    {%- set columns = {} -%}
    {%- for name in inventory_columns() -%}
        {%- do columns.update({
            name: 'varchar' if s3_inventory_format() == 'csv' else 'timestamp' if s3_inventory_format() == 'orc' and name == 'last_modified_date'
            else types.get(name, 'varchar')
        }) -%}
    {%- endfor -%}
    {{ return(columns) }}
{% endmacro %}


{# How an external table reads the lists that symlink files name. #}
{% macro inventory_storage(output_format) -%}
    {%- set serdes = {
        'parquet': 'org.apache.hadoop.hive.ql.io.parquet.serde.ParquetHiveSerDe', 'orc': 'org.apache.hadoop.hive.ql.io.orc.OrcSerde',
        'csv': 'org.apache.hadoop.hive.serde2.OpenCSVSerde',
    } -%}
    row format serde '{{ serdes[s3_inventory_format()] }}' stored as inputformat 'org.apache.hadoop.hive.ql.io.SymlinkTextInputFormat' outputformat 'org.apache.hadoop.hive.ql.io.{{ output_format }}'
{%- endmacro %}


{# The moment of this load, in a landing model that counts what lands. #}
{% macro landing_refresh_time() %}{{ return(adapter.dispatch('landing_refresh_time', 'millrace')()) }}{% endmacro %}

{% macro default__landing_refresh_time() -%}cast({{ now_utc() }} as {{ timestamp_type() }}){%- endmacro %}

{% macro duckdb__landing_refresh_time() -%}cast(getvariable('refresh_time') as timestamp){%- endmacro %}

{% macro athena__landing_refresh_time() -%}{{ athena_refresh_time() }}{%- endmacro %}


{# The folder of the symlink file that names a data file of an inventory. file, delivery: SQL expressions. #}
{% macro list_of_file(file, delivery) -%}
{{ replace_pattern(file, '/data/[^/]*$', '') }} || '/hive/dt=' || {{ delivery }}
{%- endmacro %}


{# The day of a moment as inventories have it: text, a timestamp or milliseconds since 1970. #}
{% macro listed_on(moment) %}{{ return(adapter.dispatch('listed_on', 'millrace')(moment)) }}{% endmacro %}

{% macro default__listed_on(moment) -%}
    case
        when {{ matches_pattern(moment, '^[0-9]{1,18}$') }}
            then cast({{ timestamp_from_epoch_ms('cast(' ~ moment ~ ' as bigint)') }} as date)
        else {{ to_date(moment) }}
    end
{%- endmacro %}

{#- a cast is faster than a pattern, and fifty million of them are many -#}
{% macro duckdb__listed_on(moment) -%}
    coalesce(cast({{ timestamp_from_epoch_ms('try_cast(' ~ moment ~ ' as bigint)') }} as date), {{ to_date(moment) }})
{%- endmacro %}


{# How old an object was when it was listed, as a number that age_class() names: ranges that lifecycle rules are made of. days: SQL expression. #}
{% macro age_code(days) -%}
    case when {{ days }} < 30 then 1 when {{ days }} < 90 then 2 when {{ days }} < 180 then 3 when {{ days }} >= 180 then 4 else 0 end
{%- endmacro %}


{# Name of a range of age_code(). code: SQL expression. #}
{% macro age_class(code) -%}
    case {{ code }}
        when 1 then 'below 30 days'
        when 2 then '30 to 90 days'
        when 3 then '90 to 180 days'
        when 4 then '180 days and more'
        else 'unknown'
    end
{%- endmacro %}


{# The variable s3_prefix_depth. Stops for what is no depth. #}
{% macro s3_prefix_depth() %}
    {%- set depth = var('s3_prefix_depth', 4) -%}
    {%- if depth is not integer or depth < 1 or depth > 20 -%}
        {{ exceptions.raise_compiler_error(
            "millrace: " ~ model.name ~ ": the variable s3_prefix_depth is " ~ depth ~ ". It should be a whole number from 1 to 20: how many folders of "
            ~ "a key are kept apart."
        ) }}
    {%- endif -%}
    {{ return(depth) }}
{% endmacro %}


{#
    What an object is counted under: the folders of its key, to the depth of the variable s3_prefix_depth, or its whole key where the variable
    s3_object_prefixes names what it begins with. bucket, key: SQL expressions.
#}
{% macro counted_prefix(bucket, key) -%}
    {%- set folders = key_prefix(key, s3_prefix_depth()) -%}
    {%- set named = var('s3_object_prefixes', []) or [] -%}
    {%- for prefix in named if prefix is not string or '/' not in prefix or prefix.startswith('/') -%}
        {{ exceptions.raise_compiler_error(
            "millrace: " ~ model.name ~ ": the variable s3_object_prefixes has " ~ prefix ~ ". It should be a list of a bucket and what keys begin with, "
            ~ "for example ['lake/raw/orders/']; 'lake/' names every object of the bucket."
        ) }}
    {%- endfor -%}
    {%- if not named -%}{{ return(folders) }}{%- endif -%}
case
    {%- for prefix in named %}
    when substring({{ bucket }} || '/' || {{ key }}, 1, {{ prefix | length }}) = {{ sql_literal(prefix) }} then {{ key }}
    {%- endfor %}
    else {{ folders }}
end
{%- endmacro %}


{# Whether all keys of a prefix, as key_prefix() and '(root)' name it, lie in what a list covers. prefix, covered: SQL expressions. #}
{% macro is_covered(prefix, covered) -%}
substring(case when {{ prefix }} = '(root)' then '' else {{ prefix }} end, 1, length({{ covered }})) = {{ covered }}
{%- endmacro %}
