{#
    Body of the landing materializations on Athena: an external table over the landed folder, and an Iceberg table that
    takes the records of files not taken before. A file is known by its path, size and time; S3 objects do not change in place.
    There is no transaction: the files of this load are written down as `reading`, their records are taken, and the same files are written
    down as `taken`. A file that arrives meanwhile waits for the next load. A crash before the last statement takes the files once more,
    and staging counts their records as duplicates.
    A file that Athena cannot read fails the statement once and is left out from then on: unreadable_files_athena.sql.
#}
{% macro land_files_athena() %}
    {%- set existing = load_cached_relation(this) -%}
    {%- set table = this.incorporate(type='table') -%}
    {%- set ledger = operations_relation('landing_files') -%}
    {#- a constant, so that Athena reads no folder before it; looked up here, where there is a table to look it up in -#}
    {%- set first_day = first_landed_day(existing) if config.meta_get('landing_days', none) else '' -%}

    {{ run_hooks(pre_hooks) }}
    {%- do run_query(athena_landing_ddl(landing_table(), landing_folder(), landing_format(), config.get('meta'))) -%}
    {%- do run_query(athena_ledger_reading(ledger) | replace('<first landed day>', first_day)) -%}

    {% call statement('main') -%}
        {%- if existing is none -%}
            {{ create_table_as(False, table, sql | replace('<first landed day>', first_day)) }}
        {%- else -%}
            insert into {{ table }}
            {{ sql | replace('<first landed day>', first_day) }}
        {%- endif -%}
    {%- endcall %}
    {%- do run_query(athena_ledger_taken(ledger)) -%}
    {%- if config.meta_get('landing_is_rewritten', false) -%}
        {%- do run_query(athena_ledger_gone(ledger)) -%}
    {%- endif -%}

    {%- do persist_docs(table, model) -%}
    {{ run_hooks(post_hooks) }}
    {{ return({'relations': [table]}) }}
{% endmacro %}


{# The external table over the landed files. #}
{% macro landing_table() %}
    {{ return(api.Relation.create(database=this.database, schema=this.schema, identifier=this.identifier ~ '__landing')) }}
{% endmacro %}


{% macro athena_landing_ddl(relation, folder, format, meta) -%}
    create external table if not exists {{ relation.render_hive() }} (
        {%- if format in ('csv', 'parquet', 'tabular', 'json', 'inventory') %}
        {%- set inventory = inventory_table_columns(meta.copied_types) if format == 'inventory' else {} %}
        {%- for column in inventory or meta.copied_columns %}
        {%- set type = inventory[column] if inventory else (meta.copied_types or {}).get(column, 'string') if format in ('parquet', 'tabular') else 'string' %}
        `{{ column }}` {{ {'varchar': 'string', 'integer': 'int', 'double precision': 'double', 'map': 'map<string,string>'}.get(type, type) }}
        {{- ',' if not loop.last }}
        {%- endfor %}
        {%- else %}
        line string
        {%- endif %}
    )
    {%- if meta.landing_symlinks %}
    {#- lists of an inventory: the folders with the symlinks are partitions, which register_s3_costs() adds #}
    partitioned by (folder string, dt string)
    {{ inventory_storage('IgnoreKeyTextOutputFormat') }}
    location '{{ folder }}/'
    {%- else %}
    {%- if meta.landing_days %}
    {#- a partition per day that Athena works out by itself; nobody has to add it #}
    partitioned by (landed_on string)
    {%- endif %}
    {%- if format == 'csv' %}
    row format serde 'org.apache.hadoop.hive.serde2.OpenCSVSerde'
    with serdeproperties ('separatorChar' = '{{ meta.landing_delimiter or ',' }}')
    {%- elif format == 'json' %}
    row format serde 'org.openx.data.jsonserde.JsonSerDe'
    with serdeproperties ('ignore.malformed.json' = 'true')
    {%- elif format not in ('parquet', 'tabular') %}
    row format delimited fields terminated by '\001'
    {%- endif %}
    stored as {{ 'parquet' if format in ('parquet', 'tabular') else 'textfile' }}
    location '{{ folder }}/'
    {%- set properties = ["'skip.header.line.count' = '1'"] if format == 'csv' and meta.get('landing_header', true) != 'auto' else [] -%}
    {%- if meta.landing_days %}
    {%- do properties.extend([
        "'projection.enabled' = 'true'", "'projection.landed_on.type' = 'date'", "'projection.landed_on.format' = 'yyyy/MM/dd'",
        "'projection.landed_on.range' = '" ~ landing_days_begin(meta) ~ ",NOW'", "'projection.landed_on.interval' = '1'",
        "'projection.landed_on.interval.unit' = 'DAYS'", "'storage.location.template' = '" ~ folder ~ "/${landed_on}/'",
    ]) -%}
    {%- endif %}
    {%- if properties %}
    tblproperties ({{ properties | join(', ') }})
    {%- endif %}
    {%- endif %}
{%- endmacro %}


{# Join and condition for the records of the files of this load: those that athena_ledger_reading() has written down. #}
{% macro athena_new_files(alias) -%}
inner join (
    select distinct
        landing_file,
        size_bytes,
        modified_at
    from {{ source('operations', 'landing_files') }}
    where {{ athena_is_being_read() }}
) as taken
    on {{ athena_same_file('taken', alias) }}
where {{ athena_landed_files(alias) }}
{%- endmacro %}


{# Condition for the rows of operations.landing_files that athena_ledger_reading() wrote in this load. #}
{% macro athena_is_being_read() -%}
model_name = '{{ model.name }}' and load_id = '{{ invocation_id }}' and outcome = 'reading'
{%- endmacro %}


{# Whether a line is one of a file as the list of files has it. #}
{% macro athena_same_file(known, alias) -%}
{{ known }}.landing_file = {{ alias }}."$path"
        and {{ known }}.size_bytes = {{ alias }}."$file_size"
        and {{ known }}.modified_at = {{ athena_modified_at(alias) }}
{%- endmacro %}


{% macro athena_modified_at(alias) -%}cast({{ alias }}."$file_modified_time" at time zone 'UTC' as timestamp(6)){%- endmacro %}


{# Condition for the files that a landing model looks at; constants, so that Athena opens no others. #}
{% macro athena_landed_files(alias) -%}
starts_with({{ alias }}."$path", '{{ landing_prefix() }}')
    {%- if landing_format() == 'manifest' %}
    and regexp_like({{ alias }}."$path", '[/-][Mm]anifest[.]json$')
    {%- elif landing_format() == 'tabular' %} {#- beside the lines AWS writes manifests, statements and whether it is writing #}
    and regexp_like({{ alias }}."$path", '[.]parquet$') and not regexp_like({{ alias }}."$path", '/cost_and_usage_data_status/')
    {%- endif %}
    {{- athena_readable_files(alias) }}
    {%- if execute and config.meta_get('landing_days', none) %}
    and {{ alias }}.landed_on >= '<first landed day>'
    {%- endif %}
{%- endmacro %}


{# Conditions that keep files out which Athena could not read; nothing where there is none. #}
{% macro athena_readable_files(alias) -%}
{%- for file in unreadable_files(model.name) %}
    and {{ alias }}."$path" <> '{{ file | replace("'", "''") }}'
{%- endfor %}
{%- endmacro %}


{#
    The first day that folders by day are read of, yyyy/MM/dd: some days (landing_lookback_days) before the newest one of which a file was taken,
    else the first of all. existing: the model's table, where there is one.
#}
{% macro first_landed_day(existing) %}
    {%- set begin = landing_days_begin(config.get('meta')) -%}
    {%- if existing is none -%}{{ return(begin) }}{%- endif -%}
    {%- set newest -%}
    select max(regexp_extract(replace(landing_file, '{{ landing_folder() }}/', ''), '^[0-9]{4}/[0-9]{2}/[0-9]{2}'))
    from {{ operations_relation('landing_files') }}
    where model_name = '{{ model.name }}' and outcome = 'taken'
    {%- endset -%}
    {%- set day = run_query(newest).columns[0].values()[0] -%}
    {%- if not day -%}{{ return(begin) }}{%- endif -%}
    {%- set first = modules.datetime.datetime.strptime(day, '%Y/%m/%d') - modules.datetime.timedelta(days=var('landing_lookback_days') | int) -%}
    {{ return([first.strftime('%Y/%m/%d'), begin] | max) }}
{% endmacro %}


{# The first day of a folder by day, as its landing model says: meta landing_days {since: yyyy-mm-dd}. #}
{% macro landing_days_begin(meta) %}
    {%- set since = (meta.landing_days or {}).get('since', '') | string -%}
    {%- if not modules.re.match('^[0-9]{4}-[0-9]{2}-[0-9]{2}$', since) -%}
        {{ exceptions.raise_compiler_error(
            "millrace: " ~ model.name ~ ": landing_days is " ~ meta.landing_days ~ ". Say since when there are folders by day, for example "
            ~ "{'since': '2024-01-01'}."
        ) }}
    {%- endif -%}
    {{ return(since | replace('-', '/')) }}
{% endmacro %}


{# The moment of this run, the same in the statement that takes records and in the one that notes the files. #}
{% macro athena_refresh_time() -%}
    cast(timestamp '{{ run_started_at.strftime("%Y-%m-%d %H:%M:%S.%f") }}' as timestamp(6))
{%- endmacro %}


{# Statement before the records are taken: the files that no load has taken, with how many records they hold. #}
{% macro athena_ledger_reading(ledger) -%}
    insert into {{ ledger }}
    select
        '{{ model.name }}' as model_name,
        lines."$path" as landing_file,
        cast(null as varchar) as content_hash,
        lines."$file_size" as size_bytes,
        {{ athena_modified_at('lines') }} as modified_at,
        {{ athena_landed_records() }} as records,
        'reading' as outcome,
        cast(null as varchar) as problem,
        {{ athena_refresh_time() }} as refresh_time,
        '{{ invocation_id }}' as load_id
    from {{ landing_table() }} as lines
    left join {{ ledger }} as known
        on
            known.model_name = '{{ model.name }}'
            and known.outcome = 'taken'
            and {{ athena_same_file('known', 'lines') | indent(4) }}
    where
        known.landing_file is null
        and {{ athena_landed_files('lines') | indent(4) }}
    group by lines."$path", lines."$file_size", lines."$file_modified_time"
{%- endmacro %}


{# Statement behind it: the files whose records were taken. #}
{% macro athena_ledger_taken(ledger) -%}
    insert into {{ ledger }}
    select distinct
        model_name,
        landing_file,
        content_hash,
        size_bytes,
        modified_at,
        records,
        'taken' as outcome,
        problem,
        refresh_time,
        load_id
    from {{ ledger }}
    where {{ athena_is_being_read() }}
{%- endmacro %}


{# How many records the lines of a file are: an answer of Kinesis and a line of Firehose hold several, an empty line none. #}
{% macro athena_landed_records() -%}
    {%- if landing_format() == 'kinesis' -%}
        sum(case when lines.line <> '' then greatest(coalesce(json_array_length(json_extract(try(json_parse(lines.line)), '$.Records')), 1), 1) else 0 end)
    {%- elif landing_format() == 'firehose' -%}
        sum(cardinality(array_remove({{ athena_firehose_records('lines.line') }}, '')))
    {%- elif landing_format() == 'jsonl' -%}
        count_if(lines.line <> '')
    {%- else -%}
        count(*)
    {%- endif -%}
{%- endmacro %}


{# Notes the files that were taken and are not there any more; as landing_ledger_gone_duckdb(). #}
{% macro athena_ledger_gone(ledger) -%}
    insert into {{ ledger }}
    select
        known.model_name,
        known.landing_file,
        cast(null as varchar) as content_hash,
        cast(null as bigint) as size_bytes,
        cast(null as timestamp(6)) as modified_at,
        cast(null as bigint) as records,
        'gone' as outcome,
        cast(null as varchar) as problem,
        {{ athena_refresh_time() }} as refresh_time,
        '{{ invocation_id }}' as load_id
    from (
        select
            model_name,
            landing_file,
            outcome,
            row_number() over (partition by landing_file order by refresh_time desc, case when outcome = 'gone' then 0 else 1 end) as place
        from {{ ledger }}
        where model_name = '{{ model.name }}' and outcome in ('taken', 'gone')
    ) as known
    left join (
        select distinct lines."$path" as landing_file
        from {{ landing_table() }} as lines
        where true {{- athena_readable_files('lines') }}
    ) as present
        on known.landing_file = present.landing_file
    where known.place = 1 and known.outcome = 'taken' and present.landing_file is null
{%- endmacro %}
