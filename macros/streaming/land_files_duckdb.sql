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
    {%- set taken = run_query("select count(*) from landing_checked where outcome = 'taken'").columns[0].values()[0] -%}

    {%- if existing is not none and not rebuild and not config.meta_get('landing_is_counted', false) -%}
        {#- a column that was declared since; a model that counts what lands has no columns of the files -#}
        {%- for column in config.meta_get('copied_columns', []) or [] -%}
            {%- do run_query("alter table " ~ table ~ " add column if not exists " ~ column ~ " varchar") -%}
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
        {%- for statement in landing_cut_lines_duckdb(table) -%}
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
    {%- set name = landing_file_names()[landing_format()] -%}
    {%- set symlinks = config.meta_get('landing_symlinks', '') or '' -%}
    {%- set candidates -%}
    set variable landing_candidates = (
        select coalesce(list(file order by file), [])
        from glob('{{ folder }}/**/*')
        where
            starts_with(file, '{{ landing_prefix() }}') and regexp_matches(file, '(^|/){{ name }}$')
            {%- if symlinks %}
            and parse_filename(file) in (select file_name from landing_symlinks)
            {%- endif %}
    )
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

    found as (

        {#- read_blob refuses an empty list; without the content column it opens nothing #}
        select
            filename as file,
            size as size_bytes,
            last_modified at time zone 'UTC' as modified_at
        from read_blob(case when len(getvariable('landing_candidates')) = 0
            then ['/dev/null'] else getvariable('landing_candidates') end)
        where filename <> '/dev/null'

    ),

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
        from found
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
    {%- set plain -%}
    set variable landing_files = (
        select case when count(*) = 0 then ['{{ landing_empty_file() }}'] else list(file order by file) end
        from landing_checked
        where outcome = 'taken' and is_plain
    )
    {%- endset -%}
    {%- set odd -%}
    set variable landing_odd_files = (
        select coalesce(list(file order by file), [])
        from landing_checked
        where outcome = 'taken' and not is_plain
    )
    {%- endset -%}
    {%- set statements = [candidates, clock, checked] -%}
    {%- if symlinks -%}
        {%- set statements = landing_symlinks_duckdb(folder, symlinks) + statements + [landing_whole_lists_duckdb(ledger)] -%}
    {%- endif -%}
    {%- do statements.extend([plain, odd]) -%}
    {%- if landing_format() == 'inventory' -%}
        {%- do statements.append(inventory_day_duckdb()) -%}
    {%- endif -%}
    {%- if landing_format() == 'parquet' -%}
        {%- do statements.append(landing_known_fields_duckdb()) -%}
    {%- endif -%}
    {{ return(statements) }}
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
    where that is one; if more are missing, all files are searched for them.
#}
{% macro landing_cut_lines_duckdb(table) %}
    {%- set counts = run_query(
        "select coalesce(sum(records), 0) - (select count(*) from " ~ table ~ " where refresh_time = getvariable('refresh_time')) as missing, "
        ~ "count(cut_line) as cut from landing_checked where outcome = 'taken'"
    ).rows[0] -%}
    {%- if counts['missing'] == 0 -%}{{ return([]) }}{%- endif -%}
    {%- set last_lines -%}
    insert into {{ table }} by name
    select
        cast(getvariable('refresh_time') as timestamp) as refresh_time,
        cut_line as invalid_payload
    from landing_checked
    where outcome = 'taken' and cut_line is not null
    {%- endset -%}
    {%- if counts['missing'] == counts['cut'] -%}{{ return([last_lines]) }}{%- endif -%}
    {%- set files -%}
    set variable landing_cut_files = (
        select coalesce(list(distinct filename), [])
        from read_json(
            getvariable('landing_files'),
            format = 'newline_delimited', ignore_errors = true, filename = true,
            columns = {'partition': 'INTEGER', 'offset': 'BIGINT'}
        )
        where "partition" is null or "offset" is null
    )
    {%- endset -%}
    {%- set lines -%}
    insert into {{ table }} by name
    select
        cast(getvariable('refresh_time') as timestamp) as refresh_time,
        line as invalid_payload
    from (
        select
            line,
            json_transform(case when json_valid(line) then line end, '{"partition": "INTEGER", "offset": "BIGINT"}') as envelope
        from (
            select unnest(landing_file_records(cut_file, '{{ landing_options() }}')) as line
            from (select unnest(getvariable('landing_cut_files')) as cut_file) as cut_files
        ) as cut_lines
    ) as read_lines
    where envelope.partition is null or envelope.offset is null
    {%- endset -%}
    {{ return([files, lines]) }}
{% endmacro %}


{# Sets landing_known_fields: a patch that takes the declared columns out of a Parquet row, in the case that the files spell them. #}
{% macro landing_known_fields_duckdb() -%}
    set variable landing_known_fields = (
        select json_group_object(name, null)
        from (
            select name
            from parquet_schema(getvariable('landing_files'))
            where lower(name) in ('{{ config.meta_require('copied_columns') | map('lower') | join("', '") }}')
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


{# Notes the files that were taken and are not there any more: of a folder that is written anew, parts may be fewer than before. #}
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


{# Which file names a format takes, as a pattern. Hidden and unfinished files (._ at the start, .tmp at the end) are left alone. #}
{% macro landing_file_names() %}
    {{ return({
        'jsonl': '[^._/][^/]*[.](jsonl|ndjson|json)([.]gz)?',
        'json': '[^._/][^/]*[.](jsonl|ndjson|json)([.]gz)?',
        'kinesis': '[^._/][^/]*[.]json([.]gz)?',
        'csv': '[^._/][^/]*[.](csv|txt|psv|tsv)([.]gz)?',
        'parquet': '[^._/][^/]*[.]parquet',
        'tabular': '[^._/][^/]*[.](parquet|csv|csv[.]gz)',
        'inventory': '[^._/][^/]*[.](parquet|orc|csv|csv[.]gz)',
        'text': '[^._/][^/]*',
        'firehose': '[^._/][^/]*([^/.][^/]{3}|[.][^t/][^/]{2}|[.][^/]{0,2})',
    }) }}
{% endmacro %}
