-- Redshift's types, functions and catalog for PostgreSQL. Everything lives in the schema rs, which is first in the search path.
create schema rs;
set search_path = rs, pg_catalog, public;

-- SUPER: a type of its own over jsonb's storage, so that it mixes with text and numbers as Redshift lets it and in no other way.
create type rs.super;
create function rs.super_in(cstring) returns rs.super as 'jsonb_in' language internal immutable strict;
create function rs.super_out(rs.super) returns cstring as 'jsonb_out' language internal immutable strict;
create type rs.super (input = rs.super_in, output = rs.super_out, internallength = variable, alignment = int4, storage = extended);
create cast (rs.super as jsonb) without function;
create cast (jsonb as rs.super) without function as assignment;
-- objects and arrays do not become text: null, as with cast_super_null_on_error, which is on by default
create function rs.super_text(value rs.super) returns varchar language sql immutable strict as $$
    select case when jsonb_typeof(value::jsonb) not in ('null', 'object', 'array') then value::jsonb #>> '{}' end $$;
create cast (rs.super as varchar) with function rs.super_text(rs.super) as implicit;
create function rs.nav(value rs.super, variadic path text[]) returns rs.super language sql immutable as $$
    select nullif(value::jsonb #> path, 'null'::jsonb)::rs.super $$;
create function rs.unnest_super(value rs.super, variadic path text[]) returns setof rs.super language sql immutable as $$
    select element::rs.super from jsonb_array_elements(
        case when jsonb_typeof(value::jsonb #> path) = 'array' then value::jsonb #> path else '[]'::jsonb end
    ) as elements (element)
    where path <> array['__unpivot__']
    union all
    select to_jsonb(name)::rs.super from jsonb_object_keys(case when jsonb_typeof(value::jsonb) = 'object' then value::jsonb else '{}' end) as names (name)
    where path = array['__unpivot__'] $$;
create function rs.unnest_super(value rs.super) returns setof rs.super language sql immutable as $$
    select element::rs.super from jsonb_array_elements(
        case when jsonb_typeof(value::jsonb) = 'array' then value::jsonb else '[]'::jsonb end
    ) as elements (element) $$;
create function rs.json_parse(value bytea) returns rs.super language sql immutable strict as $$
    select convert_from(value, 'UTF8')::jsonb::rs.super $$;
create function rs.json_parse(value varchar) returns rs.super language sql immutable strict as $$ select value::jsonb::rs.super $$;
create function rs.can_json_parse(value bytea) returns boolean language plpgsql immutable strict as $$
begin perform convert_from(value, 'UTF8')::jsonb; return true; exception when others then return false; end $$;
create function rs.can_json_parse(value varchar) returns boolean language plpgsql immutable strict as $$
begin perform value::jsonb; return true; exception when others then return false; end $$;
-- of nothing it gives the text null, as Redshift does (JSON_SERIALIZE in its manual)
create function rs.json_serialize(value rs.super) returns varchar language plpgsql immutable as $$
begin
    if octet_length(value::jsonb::text) > 65535 then
        raise exception 'The JSON is longer than the longest VARCHAR';
    end if;
    return coalesce(value::jsonb::text, 'null');
end $$;
create function rs.json_serialize_to_varbyte(value rs.super) returns bytea language sql immutable strict as $$
    select convert_to(value::jsonb::text, 'UTF8') $$;
create function rs.json_size(value rs.super) returns bigint language sql immutable strict as $$ select octet_length(value::jsonb::text) $$;
create function rs.is_object(value rs.super) returns boolean language sql immutable strict as $$ select jsonb_typeof(value::jsonb) = 'object' $$;
create function rs.is_array(value rs.super) returns boolean language sql immutable strict as $$ select jsonb_typeof(value::jsonb) = 'array' $$;
create function rs.from_varbyte(value bytea, encoding varchar) returns varchar language sql immutable strict as $$
    select case lower(encoding) when 'hex' then encode(value, 'hex') when 'base64' then encode(value, 'base64')
        else convert_from(value, 'UTF8') end $$;
create function rs.to_varbyte(value varchar, encoding varchar) returns bytea language sql immutable strict as $$
    select case lower(encoding) when 'hex' then decode(value, 'hex') when 'base64' then decode(value, 'base64')
        else convert_to(value, 'UTF8') end $$;

-- Time.
create function rs.sysdate() returns timestamp language sql stable as $$ select now() at time zone 'UTC' $$;
create function rs.getdate() returns timestamp language sql stable as $$ select date_trunc('second', now() at time zone 'UTC') $$;
create function rs.dateadd(part text, amount bigint, moment timestamp) returns timestamp language sql immutable strict as $$
    select case part
        when 'millennium' then moment + make_interval(years => 1000 * amount::int)
        when 'century' then moment + make_interval(years => 100 * amount::int)
        when 'decade' then moment + make_interval(years => 10 * amount::int)
        when 'quarter' then moment + make_interval(months => 3 * amount::int)
        when 'year' then moment + make_interval(years => amount::int) when 'month' then moment + make_interval(months => amount::int)
        when 'week' then moment + make_interval(weeks => amount::int) when 'day' then moment + make_interval(days => amount::int)
        when 'hour' then moment + make_interval(hours => amount::int) when 'minute' then moment + make_interval(mins => amount::int)
        when 'second' then moment + make_interval(secs => amount) when 'millisecond' then moment + amount * interval '1 millisecond'
        when 'microsecond' then moment + amount * interval '1 microsecond' end $$;
-- counts the boundaries between two moments, not what has elapsed
create function rs.datediff(part text, started timestamp, ended timestamp) returns bigint language sql immutable strict as $$
    select (case part
        when 'millennium' then extract(millennium from ended) - extract(millennium from started)
        when 'century' then extract(century from ended) - extract(century from started)
        when 'decade' then extract(decade from ended) - extract(decade from started)
        when 'year' then extract(year from ended) - extract(year from started)
        when 'quarter' then extract(year from ended) * 4 + extract(quarter from ended) - extract(year from started) * 4 - extract(quarter from started)
        when 'week' then (date_trunc('week', ended)::date - date_trunc('week', started)::date) / 7
        when 'month' then extract(year from ended) * 12 + extract(month from ended) - extract(year from started) * 12 - extract(month from started)
        when 'day' then ended::date - started::date
        when 'hour' then extract(epoch from date_trunc('hour', ended) - date_trunc('hour', started)) / 3600
        when 'minute' then extract(epoch from date_trunc('minute', ended) - date_trunc('minute', started)) / 60
        when 'second' then extract(epoch from date_trunc('second', ended) - date_trunc('second', started))
        when 'millisecond' then extract(epoch from ended - started) * 1000
        when 'microsecond' then extract(epoch from ended - started) * 1000000 end)::bigint $$;
create function rs.try_timestamptz(value text) returns timestamptz language plpgsql stable strict as $$
begin return value::timestamptz; exception when others then return null; end $$;
create function rs.try_timestamp(value text) returns timestamp language plpgsql stable strict as $$
begin return value::timestamp; exception when others then return null; end $$;
create function rs.try_date(value text) returns date language plpgsql stable strict as $$
begin return value::date; exception when others then return null; end $$;

-- Text.
create function rs.len(value varchar) returns int language sql immutable strict as $$ select length(value) $$;
create function rs.sha2(value varchar, bits int) returns varchar language sql immutable strict as $$
    select encode(case bits when 256 then sha256(convert_to(value, 'UTF8')) when 512 then sha512(convert_to(value, 'UTF8')) end, 'hex') $$;

-- a text in a base of 2 to 36 (STRTOL)
create function rs.strtol(value varchar, base int) returns bigint language plpgsql immutable strict as $$
declare digits text := lower(btrim(value)); found bigint := 0; sign int := 1; digit int;
begin
    if base not between 2 and 36 then raise exception 'STRTOL: the base is 2 to 36'; end if;
    if left(digits, 1) in ('-', '+') then sign := case when left(digits, 1) = '-' then -1 else 1 end; digits := substr(digits, 2); end if;
    if base = 16 and left(digits, 2) = '0x' then digits := substr(digits, 3); end if;
    for place in 1 .. length(digits) loop
        digit := strpos('0123456789abcdefghijklmnopqrstuvwxyz', substr(digits, place, 1)) - 1;
        if digit < 0 or digit >= base then raise exception 'The input % is not valid to be converted to base %', value, base; end if;
        found := found * base + digit;
    end loop;
    return sign * found;
end $$;
-- positions count from 1 (SPLIT_PART)
create function rs.split_part(text, text, integer) returns text language plpgsql immutable strict as $$
begin
    if $3 < 1 then raise exception 'field position must be greater than zero'; end if;
    return pg_catalog.split_part($1, $2, $3);
end $$;
-- two expressions; of a null it is null (CONCAT)
create function rs.concat(text, text) returns text language sql immutable strict as $$ select $1 || $2 $$;
-- the mean of whole numbers is a whole number (AVG)
create function rs.avg_of_integers(state bigint[], value bigint) returns bigint[] language sql immutable strict as $$
    select array[state[1] + value, state[2] + 1] $$;
create function rs.avg_result(state bigint[]) returns bigint language sql immutable strict as $$
    select case when state[2] > 0 then state[1] / state[2] end $$;
create function rs.avg_of_integers(state bigint[], value int) returns bigint[] language sql immutable strict as $$
    select array[state[1] + value, state[2] + 1] $$;
create function rs.avg_of_integers(state bigint[], value smallint) returns bigint[] language sql immutable strict as $$
    select array[state[1] + value, state[2] + 1] $$;
create aggregate rs.avg(bigint) (sfunc = rs.avg_of_integers, stype = bigint[], finalfunc = rs.avg_result, initcond = '{0,0}');
create aggregate rs.avg(int) (sfunc = rs.avg_of_integers, stype = bigint[], finalfunc = rs.avg_result, initcond = '{0,0}');
create aggregate rs.avg(smallint) (sfunc = rs.avg_of_integers, stype = bigint[], finalfunc = rs.avg_result, initcond = '{0,0}');
-- the whole match, whatever groups the pattern has
create function rs.regexp_substr(value varchar, pattern varchar) returns varchar language sql immutable strict as $$
    select coalesce((regexp_match(value, '(' || pattern || ')'))[1], '') $$;
-- an override needs the very signature of the built-in function, or PostgreSQL prefers its own; Redshift replaces every match
create function rs.regexp_replace(text, text, text) returns varchar language sql immutable strict as $$
    select pg_catalog.regexp_replace($1, $2, $3, 'g') $$;

-- VARCHAR lengths count bytes: what does not fit is refused where it is stored.
create function rs.limit_bytes(name text) returns void language plpgsql as $$
declare item record;
begin
    for item in
        select attname, atttypmod - 4 as bytes from pg_catalog.pg_attribute
        where attrelid = name::regclass and attnum > 0 and not attisdropped and atttypid = 'varchar'::regtype and atttypmod > 0
    loop
        execute format('alter table %s add check (octet_length(%I) <= %s)', name, item.attname, item.bytes);
    end loop;
end $$;

create function rs.comment_on(name text, remark text) returns void language plpgsql as $$
begin
    execute format('comment on %s %s is %L', case (select relkind from pg_catalog.pg_class where oid = name::regclass)
        when 'v' then 'view' else 'table' end, name, remark);
end $$;

-- Streams. A topic's records are kept once per position, as a broker does.
create table rs.stream_schemas (schema_name text primary key, kind text);
create table rs.stream_records (
    topic text, kafka_partition int, kafka_offset bigint, kafka_timestamp timestamp, kafka_timestamp_type varchar(32), kafka_key bytea,
    kafka_value bytea, kafka_headers rs.super, primary key (topic, kafka_partition, kafka_offset)
);
create table rs.kinesis_records (
    stream text, approximate_arrival_timestamp timestamp, partition_key varchar(256), shard_id varchar(128), sequence_number varchar(256),
    kinesis_data bytea, position_number numeric, primary key (stream, shard_id, sequence_number)
);
create table rs.streaming_views (
    view_name text primary key, oid oid, schema_name text, topic text, query text, autorefresh boolean, definition text
);
-- how far a view has read each partition or shard; sequence numbers have more digits than any integer type
create table rs.stream_positions (view_name text, part text, latest numeric, primary key (view_name, part));
-- a record larger than this is skipped and named in sys_stream_scan_errors (SUPER and VARBYTE: 16 MB)
create table rs.settings (max_record_bytes int);
insert into rs.settings values (16777216);
create table rs.sys_mv_refresh_history (
    user_id int, session_id int, transaction_id bigint, database_name varchar(128), schema_name varchar(128), mv_id bigint,
    mv_name varchar(128), refresh_type varchar(32), status varchar(512), start_time timestamp, end_time timestamp, duration bigint
);
create table rs.sys_stream_scan_states (
    mv_name varchar(128), external_schema_name varchar(128), stream_name varchar(128), partition_id varchar(128), latest_position varchar(128),
    scanned_rows bigint, scanned_bytes bigint, record_time timestamp
);
create table rs.sys_stream_scan_errors (
    mv_name varchar(128), external_schema_name varchar(128), stream_name varchar(128), partition_id varchar(128), "position" varchar(128),
    record_time timestamp, error_code int, error_reason varchar(512)
);

create function rs.bare_name(name text) returns text language sql immutable as $$
    select replace(split_part(name, '.', greatest(length(name) - length(replace(name, '.', '')) + 1, 1)), '"', '') $$;

-- one shape for both kinds of source, so that a refresh is written once
create view rs.all_records as
    select 'kafka' as source_kind, topic as stream_name, kafka_partition::text as part, kafka_offset::numeric as place,
        kafka_offset::text as shown_position, length(kafka_value) as bytes, kafka_partition, kafka_offset, kafka_timestamp,
        kafka_timestamp_type, kafka_key, kafka_value, kafka_headers, null::timestamp as approximate_arrival_timestamp,
        null::varchar(256) as partition_key, null::varchar(128) as shard_id, null::varchar(256) as sequence_number, null::bytea as kinesis_data
    from rs.stream_records
    union all
    select 'kinesis', stream, shard_id, position_number, sequence_number, length(kinesis_data), null, null, null, null, null, null, null,
        approximate_arrival_timestamp, partition_key, shard_id, sequence_number, kinesis_data
    from rs.kinesis_records;

create function rs.create_streaming_view(name text, external_schema text, topic_name text, query text, auto boolean, definition text)
returns void language plpgsql as $$
begin
    if not exists (select from rs.stream_schemas as known where known.schema_name = external_schema) then
        raise exception 'schema "%" does not exist', external_schema using errcode = '3F000';
    end if;
    execute format('create table %s as with standin_stream as (select records.*, null::timestamp as refresh_time '
        'from rs.all_records as records where false) %s', name, query);
    insert into rs.streaming_views values (rs.bare_name(name), name::regclass, external_schema, topic_name, query, auto, definition);
end $$;

create function rs.refresh_streaming_view(name text) returns varchar language plpgsql as $$
declare wanted rs.streaming_views; stamp timestamp := clock_timestamp() at time zone 'UTC'; largest int := (select max_record_bytes from rs.settings);
begin
    select * into wanted from rs.streaming_views where oid = name::regclass;
    if wanted is null then raise exception '% is not a streaming materialized view', name; end if;
    create temp table standin_new on commit drop as
        select records.*, stamp as refresh_time from rs.all_records as records
        join rs.stream_schemas as known
            on known.schema_name = wanted.schema_name
            and records.source_kind = case known.kind when 'kinesis' then 'kinesis' else 'kafka' end
        left join rs.stream_positions as seen on seen.view_name = wanted.view_name and seen.part = records.part
        where records.stream_name = wanted.topic and (seen.latest is null or records.place > seen.latest);
    insert into rs.sys_stream_scan_errors
        select wanted.view_name, wanted.schema_name, wanted.topic, part, shown_position, stamp, 15017,
            'The record is larger than the largest size of the column' from standin_new where bytes > largest;
    insert into rs.sys_stream_scan_states
        select wanted.view_name, wanted.schema_name, wanted.topic, part, max(place)::text, count(*) filter (where coalesce(bytes, 0) <= largest),
            sum(bytes), stamp from standin_new group by part;
    insert into rs.stream_positions select wanted.view_name, part, max(place) from standin_new group by part
        on conflict (view_name, part) do update set latest = excluded.latest;
    delete from standin_new where bytes > largest;
    execute format('insert into %s with standin_stream as (select * from standin_new) %s', name, wanted.query);
    insert into rs.sys_mv_refresh_history (database_name, schema_name, mv_name, refresh_type, status, start_time, end_time)
        values (current_database(), wanted.schema_name, wanted.view_name, 'Manual', 'Refresh successfully updated MV incrementally',
            stamp, clock_timestamp() at time zone 'UTC');
    drop table standin_new;
    return 'REFRESH';
end $$;

-- Copy jobs.
create table rs.copy_jobs (job_name text primary key, table_name text, columns text, data_source text, options text, is_auto int);
create table rs.copy_job_files (job_name text, file_name text, status text, primary key (job_name, file_name));
create table rs.svv_external_tables (schemaname text, tablename text);

create table rs.sys_load_error_detail (
    table_id int, start_time timestamp, file_name varchar(256), line_number bigint, column_name varchar(127), error_code int,
    error_message varchar(512)
);
create view rs.sys_copy_job as
    select row_number() over (order by job_name) as job_id, job_name::varchar(128) as job_name, data_source::varchar(256) as job_text, is_auto
    from rs.copy_jobs;
create function rs.alter_copy_job(name text, is_on int) returns varchar language plpgsql as $$
begin
    update rs.copy_jobs set is_auto = is_on where job_name = name;
    if not found then raise exception 'copy job % does not exist', name; end if;
    return 'COPY JOB ALTER';
end $$;
create function rs.drop_copy_job(name text) returns varchar language plpgsql as $$
begin
    delete from rs.copy_jobs where job_name = name;
    if not found then raise exception 'copy job % does not exist', name; end if;
    delete from rs.copy_job_files where job_name = name;
    return 'COPY JOB DROP';
end $$;

-- Catalog: a streaming view is a table here and has to look like a view there.
create view rs.pg_class as
    select c.oid, c.relname, c.relnamespace, c.relowner, c.reltuples, c.relkind from pg_catalog.pg_class as c;
create view rs.pg_attribute as
    select a.attrelid, a.attname, a.attnum, a.atttypid, a.atttypmod, a.attnotnull, a.attisdropped, false as attisdistkey, 0 as attsortkeyord
    from pg_catalog.pg_attribute as a;
create view rs.is_tables as
    select t.* from information_schema.tables as t
    where t.table_schema <> 'rs' and t.table_type = 'BASE TABLE'
        and not exists (select from rs.streaming_views as v join pg_catalog.pg_class as c on c.oid = v.oid
            join pg_catalog.pg_namespace as n on n.oid = c.relnamespace where c.relname = t.table_name and n.nspname = t.table_schema);
create view rs.is_views as
    select v.table_catalog, v.table_schema, v.table_name, v.view_definition from information_schema.views as v
    where v.table_schema not in ('rs', 'pg_catalog', 'information_schema')
    union all
    select current_database(), n.nspname, c.relname, v.definition from rs.streaming_views as v
    join pg_catalog.pg_class as c on c.oid = v.oid join pg_catalog.pg_namespace as n on n.oid = c.relnamespace;
create view rs.pg_views as
    select table_schema as schemaname, table_name as viewname, null::text as viewowner, view_definition as definition from rs.is_views;
create view rs.is_columns as
    select current_database()::text as table_catalog, n.nspname::text as table_schema, c.relname::text as table_name,
        a.attname::text as column_name, a.attnum::int as ordinal_position,
        case when a.atttypid in ('text'::regtype, 'varchar'::regtype) then 'character varying' when a.atttypid = 'rs.super'::regtype then 'super'
            when a.atttypid = 'bytea'::regtype then 'binary varying' else pg_catalog.format_type(a.atttypid, null) end as data_type,
        case when a.atttypid = 'varchar'::regtype and a.atttypmod > 0 then a.atttypmod - 4
            when a.atttypid in ('varchar'::regtype, 'text'::regtype) then 65535 end as character_maximum_length,
        case when a.atttypid = 'numeric'::regtype and a.atttypmod > 0 then (a.atttypmod - 4) >> 16 end as numeric_precision,
        case when a.atttypid = 'numeric'::regtype and a.atttypmod > 0 then (a.atttypmod - 4) & 65535 end as numeric_scale
    from pg_catalog.pg_attribute as a
    join pg_catalog.pg_class as c on c.oid = a.attrelid join pg_catalog.pg_namespace as n on n.oid = c.relnamespace
    where a.attnum > 0 and not a.attisdropped and c.relkind in ('r', 'v');
create view rs.svv_table_info as
    select current_database()::text as database, n.nspname::text as schema, c.oid::bigint as table_id, c.relname::text as "table",
        'AUTO(ALL)'::text as diststyle, null::text as sortkey1, null::text as encoded, 0 as max_varchar, null::text as sortkey1_enc,
        0 as sortkey_num, 1::bigint as size, 0::numeric as pct_used, 0::numeric as unsorted, 0::numeric as stats_off,
        greatest(c.reltuples, 0)::numeric as tbl_rows, null::numeric as skew_sortkey1, null::numeric as skew_rows
    from pg_catalog.pg_class as c join pg_catalog.pg_namespace as n on n.oid = c.relnamespace
    where c.relkind = 'r' and n.nspname not in ('pg_catalog', 'information_schema', 'rs', 'pg_toast');
create table rs.svv_external_columns (
    schemaname text, tablename text, columnname text, external_type text, columnnum int, part_key int, is_nullable text
);
create function rs.pg_get_late_binding_view_cols() returns setof record language sql as $$
    select null::name, null::name, null::name, null::varchar, null::int where false $$;
