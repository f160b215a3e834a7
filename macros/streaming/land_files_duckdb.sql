{#
    Body of the landing materializations on DuckDB. In one transaction: finds the files that were not taken before, checks
    them, takes the readable ones, and writes down what became of each in operations.landing_files.
    A file whose size and time stand as noted is not opened. A file that cannot be read (a truncated gzip) is noted as
    unreadable with the reason and looked at again as soon as it changes.
#}
{% macro land_files_duckdb() %}
    {%- set existing = load_cached_relation(this) -%}
    {%- set table = this.incorporate(type='table') -%}
    {%- set rebuild = existing is none or (flags.FULL_REFRESH and config.get('full_refresh') is not sameas false) -%}
    {%- set ledger = operations_relation('landing_files') -%}

    {{ run_hooks(pre_hooks, inside_transaction=False) }}
    {{ run_hooks(pre_hooks, inside_transaction=True) }}

    {%- if rebuild -%}
        {%- do run_query("delete from " ~ ledger ~ " where model_name = '" ~ model.name ~ "'") -%}
    {%- elif flags.FULL_REFRESH -%}
        {{ exceptions.warn(
            "millrace: " ~ model.name ~ ": --full-refresh does not rebuild landed records, whose files may be gone. To do it all "
            ~ "the same: --vars '{allow_full_refresh: true}'."
        ) }}
    {%- endif -%}
    {%- for statement in landing_check_duckdb(landing_folder(), ledger) -%}
        {%- do run_query(statement) -%}
    {%- endfor -%}
    {%- if not config.meta_get('landing_is_optional', false) and not run_query("select landing_folder_exists('" ~ landing_folder() | replace("'", "''") ~ "')").columns[0].values()[0] -%}
        {{ exceptions.warn(
            "millrace: " ~ model.name ~ ": there is no folder " ~ landing_folder() ~ ", so nothing was read. Is the config meta 'landing_path' "
            ~ "spelt as the folder is, and the landing root (MILLRACE_LANDING) the right one?"
        ) }}
    {%- endif -%}
    {%- set taken = run_query("select count(*) from landing_checked where outcome = 'taken'").columns[0].values()[0] -%}

    {%- if existing is not none and not rebuild -%}
        {#- columns that a model that counts what lands has of late -#}
        {%- for column, type in (config.meta_get('landing_added_columns', {}) or {}).items() -%}
            {%- do run_query("alter table " ~ table ~ " add column if not exists " ~ column ~ " " ~ type) -%}
        {%- endfor -%}
    {%- endif -%}
    {%- if existing is not none and not rebuild and not config.meta_get('landing_is_counted', false) -%}
        {#- a column that was declared since; a model that counts what lands has no columns of the files -#}
        {%- for column in config.meta_get('copied_columns', []) or [] -%}
            {%- do run_query("alter table " ~ table ~ " add column if not exists " ~ column_name(column) ~ " varchar") -%}
        {%- endfor -%}
        {#- and one that the project has of late -#}
        {%- for column, type in ({'jsonl': {'kafka_headers': 'json'}, 'kinesis': {'sub_sequence_number': 'bigint'}}.get(landing_format(), {})).items() -%}
            {%- do run_query("alter table " ~ table ~ " add column if not exists " ~ column ~ " " ~ type) -%}
        {%- endfor -%}
    {%- endif -%}

    {#- landed payloads are long texts, all of one kind -#}
    {%- do run_query("set force_compression = 'zstd'") -%}
    {% call statement('main') -%}
        {%- if rebuild -%}
            create or replace table {{ table }} as
            {{ sql }}
        {%- elif taken > 0 -%}
            insert into {{ table }} by name
            {{ sql }}
        {%- else -%}
            select 'no new files' as outcome
        {%- endif -%}
    {%- endcall %}

    {%- if landing_format() == 'jsonl' and taken > 0 -%}
        {%- for statement in landing_cut_lines_duckdb(table, sql) -%}
            {%- do run_query(statement) -%}
        {%- endfor -%}
    {%- endif -%}
    {%- do run_query("reset force_compression") -%}

    {%- do run_query(landing_ledger_insert_duckdb(ledger)) -%}
    {%- if config.meta_get('landing_is_rewritten', false) -%}
        {%- do run_query(landing_ledger_gone_duckdb(ledger)) -%}
    {%- endif -%}
    {%- do persist_docs(table, model) -%}
    {{ run_hooks(post_hooks, inside_transaction=True) }}
    {%- do adapter.commit() -%}
    {{ run_hooks(post_hooks, inside_transaction=False) }}
    {{ return({'relations': [table]}) }}
{% endmacro %}


{#
    Statements that leave behind: the table landing_checked (one row per file that is new or looks changed, with its outcome:
    taken, unchanged or unreadable) and the variables landing_files, landing_odd_files and refresh_time.
    A file changed within two seconds of its last look could change again under the same time stamp: it is opened once more.
    refresh_time is now, or just after the last one where the clock stands behind it.
#}
{% macro landing_check_duckdb(folder, ledger) %}
    {%- set symlinks = config.meta_get('landing_symlinks', '') or '' -%}
    {%- set found -%}
    create or replace temp table landing_found as
    select *
    from (select unnest(landing_files_found('{{ folder | replace("'", "''") }}', '{{ landing_options() }}'), recursive := true))
    where
        starts_with(file, '{{ landing_prefix() | replace("'", "''") }}')
        {%- if symlinks %}
        and parse_filename(file) in (select file_name from landing_symlinks)
        {%- endif %}
    {%- endset -%}
    {%- set candidates -%}
    set variable landing_candidates = (select coalesce(list(file order by file), []) from landing_found)
    {%- endset -%}
    {%- set clock -%}
    set variable refresh_time = (
        select greatest({{ now_utc() }}, coalesce(max(refresh_time) + to_microseconds(1), {{ now_utc() }}))
        from {{ ledger }}
        where model_name = '{{ model.name }}'
    )
    {%- endset -%}
    {%- set checked -%}
    create or replace temp table landing_checked as
    with

    known as (

        select *
        from {{ ledger }}
        where model_name = '{{ model.name }}'
        qualify row_number() over (partition by landing_file order by refresh_time desc) = 1

    ),

    changed as (

        select
            found.*,
            known.content_hash as known_hash,
            known.problem as known_problem
        from landing_found as found
        left join known
            on substring(found.file, length('{{ var('landing_root').rstrip('/') }}/') + 1) = known.landing_file
        where
            known.landing_file is null
            or known.size_bytes <> found.size_bytes
            or known.modified_at <> found.modified_at
            or known.modified_at >= known.refresh_time - to_seconds(2)
            {%- if landing_format() == 'inventory' %}
            or known.problem is not null  {#- what it lacked may stand in another file: the manifest #}
            {%- endif %}

    ),

    checked as (

        select unnest(landing_files_check(list(file order by file), '{{ landing_options() }}'), recursive := true)
        from changed

    )

    select
        changed.file,
        changed.size_bytes,
        changed.modified_at,
        checked.content_hash,
        checked.records,
        checked.problem,
        checked.is_plain,
        checked.is_parquet,
        checked.cut_line,
        case
            when changed.known_hash = checked.content_hash and changed.known_problem is null then 'unchanged'
            when checked.problem is not null then 'unreadable'
            else 'taken'
        end as outcome
    from changed
    inner join checked
        on changed.file = checked.file
    -- a file that cannot be read for the same reason as before is noted once
    where changed.known_hash is distinct from checked.content_hash or changed.known_problem is distinct from checked.problem or checked.problem is null
    {%- endset -%}
    {%- set statements = [found, candidates, clock, checked] -%}
    {%- if symlinks -%}
        {%- set statements = landing_symlinks_duckdb(folder, symlinks) + statements + [landing_whole_lists_duckdb(ledger)] -%}
    {%- endif -%}
    {%- do statements.extend(landing_file_lists_duckdb()) -%}
    {%- if landing_format() == 'inventory' -%}
        {%- do statements.append(inventory_day_duckdb()) -%}
    {%- endif -%}
    {%- if landing_format() == 'tabular' -%}
        {%- do statements.append(landed_text_duckdb()) -%}
    {%- endif -%}
    {%- if landing_format() in ('parquet', 'csv') -%}
        {%- do statements.append(landing_known_fields_duckdb()) -%}
    {%- endif -%}
    {{ return(statements) }}
{% endmacro %}


{# Statements that set the variables with the files to take: what DuckDB's reader of the format takes, what its reader of Parquet takes, and others. #}
{% macro landing_file_lists_duckdb() %}
    {%- set plain -%}
    set variable landing_files = (
        select case when count(*) = 0 then ['{{ landing_empty_file() }}'] else list(file order by file) end
        from landing_checked
        where outcome = 'taken' and is_plain{{ ' and not is_parquet' if landing_format() == 'csv' }}
    )
    {%- endset -%}
    {%- set parquet -%}
    set variable landing_parquet_files = (
        select case when count(*) = 0 then ['plugins/empty.parquet'] else list(file order by file) end
        from landing_checked
        where outcome = 'taken' and is_plain and is_parquet
    )
    {%- endset -%}
    {%- set odd -%}
    set variable landing_odd_files = (
        select coalesce(list(file order by file), [])
        from landing_checked
        where outcome = 'taken' and not is_plain
    )
    {%- endset -%}
    {{ return([plain, parquet, odd]) }}
{% endmacro %}


{#
    Statements that leave behind the table landing_symlinks (file_name, delivered_on, landing_list, list_number): the files that the symlink files of
    an inventory name, the day of the delivery they belong to, the folder of the symlink file, and its place in the variable landing_lists. A file
    that none of them names is not complete yet and waits.
    symlinks: pattern of the symlink files under the folder; the folder of each is `dt=<delivery>`.
#}
{% macro landing_symlinks_duckdb(folder, symlinks) %}
    {%- set files -%}
    set variable landing_symlink_files = (
        select coalesce(list(file order by file), [])
        from glob('{{ folder }}/{{ symlinks }}')
    )
    {%- endset -%}
    {%- set lines -%}
    create or replace temp table landing_symlinks as
    select
        parse_filename(trim(line, chr(13) || ' ')) as file_name,
        try_cast(substring(max(delivery), 1, 10) as date) as delivered_on,
        max_by(landing_list, delivery) as landing_list,
        dense_rank() over (order by max_by(landing_list, delivery)) as list_number
    from (
        select
            unnest(string_split(content, chr(10))) as line,
            regexp_extract(filename, 'dt=([^/]+)/', 1) as delivery,
            substring(parse_dirpath(filename), length('{{ var('landing_root').rstrip('/') }}/') + 1) as landing_list
        from read_text(case when len(getvariable('landing_symlink_files')) = 0
            then ['/dev/null'] else getvariable('landing_symlink_files') end)
    ) as symlinked
    where line <> ''
    group by file_name
    {%- endset -%}
    {%- set names -%}
    set variable landing_lists = (
        select coalesce(list(landing_list order by list_number), [])
        from (select distinct list_number, landing_list from landing_symlinks)
    )
    {%- endset -%}
    {{ return([files, lines, names]) }}
{% endmacro %}


{#
    Statement behind the check: a list of an inventory lands with all its files or waits for the missing and unreadable ones, because half of a list
    would say that the other half was deleted.
#}
{% macro landing_whole_lists_duckdb(ledger) -%}
    delete from landing_checked
    where outcome = 'taken' and parse_filename(file) in (
        with readable as (
            select parse_filename(file) as file_name
            from landing_checked
            where outcome in ('taken', 'unchanged')
            union
            select parse_filename(landing_file)
            from {{ ledger }}
            where model_name = '{{ model.name }}'
            qualify
                row_number() over (partition by landing_file order by refresh_time desc) = 1
                and outcome in ('taken', 'unchanged')
        )
        select file_name
        from landing_symlinks
        qualify count(*) over (partition by landing_list) > count(*) filter (file_name in (select file_name from readable)) over (partition by landing_list)
    )
{%- endmacro %}


{#
    Statements behind the load of Kafka records: DuckDB's reader of JSON lines, which is the fastest, keeps nothing of a line that it
    cannot read, and the model leaves such rows out. As many records are missing then. The check has kept the last line of each file
    where that is one. If more are missing, the load is done once more, with the files that have such lines read line by line, and their
    records counted so.
    sql: text of the model.
#}
{% macro landing_cut_lines_duckdb(table, sql) %}
    {%- set counts = run_query(
        "select coalesce(sum(records), 0) - (select count(*) from " ~ table ~ " where refresh_time = getvariable('refresh_time')) as missing, "
        ~ "count(cut_line) as cut from landing_checked where outcome = 'taken'"
    ).rows[0] -%}
    {%- if counts['missing'] == 0 and counts['cut'] == 0 -%}{{ return([]) }}{%- endif -%}
    {%- set last_lines -%}
    insert into {{ table }} by name
    select
        cast(getvariable('refresh_time') as timestamp) as refresh_time,
        cut_line as invalid_payload
    from landing_checked
    where outcome = 'taken' and is_plain and cut_line is not null
    {%- endset -%}
    {%- if counts['missing'] == counts['cut'] -%}{{ return([last_lines]) }}{%- endif -%}
    {%- set broken -%}
    update landing_checked
    set
        is_plain = false,
        -- of a file that is read line by line: where a newline was lost, one line has several
        records = len(landing_file_records(file, '{{ landing_options() }}'))
    where outcome = 'taken' and is_plain and file not in (
        select read_lines.filename
        from (
            select
                filename,
                count(*) filter ("partition" is not null and "offset" is not null) as read_records
            from read_json(
                getvariable('landing_files'),
                format = 'newline_delimited', ignore_errors = true, filename = true,
                columns = {'partition': 'INTEGER', 'offset': 'BIGINT'}
            )
            group by filename
        ) as read_lines
        inner join landing_checked as read_files
            on read_lines.filename = read_files.file
        where read_lines.read_records = read_files.records - case when read_files.cut_line is null then 0 else 1 end
    )
    {%- endset -%}
    {{ return([broken] + landing_file_lists_duckdb() + [
        "delete from " ~ table ~ " where refresh_time = cast(getvariable('refresh_time') as timestamp)",
        "insert into " ~ table ~ " by name " ~ sql,
        last_lines,
    ]) }}
{% endmacro %}


{# Sets landing_known_fields: a patch that takes the declared columns out of a Parquet row, in the case that the files spell them. #}
{% macro landing_known_fields_duckdb() -%}
    set variable landing_known_fields = (
        select json_group_object(name, null)
        from (
            select name
            from parquet_schema(getvariable('landing_parquet_files'))
            where lower(name) in ('{{ (config.meta_require('copied_columns') + landing_names().keys() | list) | map('lower') | join("', '") }}')
            union
            select unnest({{ config.meta_require('copied_columns') + landing_names().keys() | list }})
            union
            select unnest(['landing_file', 'record_number', 'invalid_record'])
        )
    )
{%- endmacro %}


{% macro landing_ledger_insert_duckdb(ledger) -%}
    insert into {{ ledger }} by name
    select
        '{{ model.name }}' as model_name,
        substring(file, length('{{ var('landing_root').rstrip('/') }}/') + 1) as landing_file,
        content_hash,
        size_bytes,
        modified_at,
        records,
        outcome,
        problem,
        getvariable('refresh_time') as refresh_time,
        '{{ invocation_id }}' as load_id
    from landing_checked
{%- endmacro %}


{# Notes the files that were taken and are not there any more: of a folder that is rewritten, parts may be fewer than before. #}
{% macro landing_ledger_gone_duckdb(ledger) -%}
    insert into {{ ledger }} by name
    select
        model_name,
        landing_file,
        'gone' as outcome,
        getvariable('refresh_time') as refresh_time,
        '{{ invocation_id }}' as load_id
    from (
        select *
        from {{ ledger }}
        where model_name = '{{ model.name }}'
        qualify row_number() over (partition by landing_file order by refresh_time desc, outcome <> 'gone') = 1
    ) as known
    where
        outcome in ('taken', 'unchanged')
        and not list_contains(getvariable('landing_candidates'), '{{ var('landing_root').rstrip('/') }}/' || landing_file)
{%- endmacro %}


{# A file without records, for readers that refuse an empty list. #}
{% macro landing_empty_file() %}
    {{ return('plugins/empty.parquet' if landing_format() in ('parquet', 'tabular', 'inventory') else '/dev/null') }}
{% endmacro %}

