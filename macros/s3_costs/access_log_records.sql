{#
    The requests of S3 server access logs, counted while they land: the whole body of a copy_ model with materialized unloaded_files.
    Grain: one row per file, bucket, day, operation, requester, outcome and prefix (counted_prefix(), to the depth of the variable s3_prefix_depth); a line
    that is no record of a log stands alone, with its text. Columns: those, requests, bytes_sent, unreadable_line, landing_file, refresh_time.
    The first thirteen fields of Amazon S3 server access log format are read; fields that came later are left alone, whatever they hold.
    requester: an identity without its session, so that roles are told apart and not their thousands of sessions. is_billed: S3 takes no money for
    its own faults (status 500 and above). The prefix of a listing is the one it asked for. Keys are decoded twice: logs encode them twice.
#}
{% macro access_log_records() -%}
with

lines as (

    {{ text_lines() | indent(4) }}

),

trimmed as (

    select
        landing_file,
        {{ trim_blanks('line') }} as line
    from lines

),

-- fields are apart by blanks; the request is in quotes, or a dash where there was none
parts as (

    select
        landing_file,
        line,
        split_part(line, '"', 1) as head,
        split_part(line, '"', 2) as request,
        split_part(line, '"', 3) as tail,
        split_part(split_part(line, '"', 1), ' ', 10) = '-' as is_without_request
    from trimmed
    where line <> ''

),

fields as (

    select
        landing_file,
        line,
        {{ matches_pattern('line', access_log_pattern()) }} as is_readable,
        split_part(head, ' ', 2) as bucket_name,
        split_part(head, ' ', 3) as request_time,
        split_part(head, ' ', 6) as requester,
        split_part(head, ' ', 8) as operation,
        split_part(head, ' ', 9) as encoded_key,
        case
            when not is_without_request and (request like '%?prefix=%' or request like '%&prefix=%')
                then split_part(split_part(split_part(replace(request, '?prefix=', '&prefix='), '&prefix=', 2), '&', 1), ' ', 1)
        end as listed_prefix,
        -- the dash that stands for the request is the tenth field; behind a request in quotes the first one is blank
        case when is_without_request then split_part(head, ' ', 11) else split_part(tail, ' ', 2) end as http_status,
        case when is_without_request then split_part(head, ' ', 13) else split_part(tail, ' ', 4) end as bytes_sent
    from parts

),

decoded as (

    select
        fields.*,
        {{ url_decode('coalesce(listed_prefix, encoded_key)') | indent(8) }} as half_decoded_key
    from fields

),

described as (

    select
        landing_file,
        is_readable,
        case when not is_readable then line end as unreadable_line,
        case when is_readable then bucket_name else '' end as bucket_name,
        case when is_readable then {{ access_log_day('request_time') | indent(8) }} else '' end as requested_on,
        case when is_readable then operation else '' end as operation,
        case
            when not is_readable then ''
            when requester like 'arn:%:assumed-role/%' then split_part(requester, '/', 1) || '/' || split_part(requester, '/', 2)
            else requester
        end as requester,
        case when {{ matches_pattern('http_status', '^5[0-9][0-9]$') }} then 0 else 1 end as is_billed,
        {{ url_decode('half_decoded_key') | indent(8) }} as key,
        case when is_readable and {{ matches_pattern('bytes_sent', '^[0-9]{1,18}$') }} then cast(bytes_sent as bigint) else 0 end as bytes_sent
    from decoded

),

placed as (

    select
        described.*,
        coalesce(nullif({{ counted_prefix('bucket_name', 'key') | indent(8) }}, ''), '(root)') as prefix
    from described

)

select
    cast(bucket_name as {{ text_type(256) }}) as bucket_name,
    cast(requested_on as {{ text_type(16) }}) as requested_on,
    cast(prefix as {{ text_type(1024) }}) as prefix,
    cast(operation as {{ text_type(128) }}) as operation,
    cast(requester as {{ text_type(1024) }}) as requester,
    cast(is_billed as integer) as is_billed,
    cast(count(*) as bigint) as requests,
    cast(sum(bytes_sent) as decimal(38, 0)) as bytes_sent,
    cast(unreadable_line as {{ text_type(65535) }}) as unreadable_line,
    cast(landing_file as {{ text_type(1024) }}) as landing_file,
    {{ landing_refresh_time() }} as refresh_time
from placed
group by bucket_name, requested_on, prefix, operation, requester, is_billed, unreadable_line, landing_file
{%- endmacro %}


{# What a line of an access log looks like as far as it is read. #}
{% macro access_log_pattern() -%}
    {{ return(
        '^[^ ]+ [a-z0-9.-]+ .[0-3][0-9]/(Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)/[0-9]{4}:[0-9:]{8} [+-][0-9]{4}. [^ ]+ [^ ]+ [^ ]+ [A-Z][A-Za-z0-9_.]+ [^ ]+ '
        ~ '("[^"]*"|-) ([0-9]{3}|-) [^ ]+ ([0-9]+|-)( |$)'
    ) }}
{%- endmacro %}


{# The day of an access log's time as text, yyyy-MM-dd: [06/Feb/2019:00:00:38 is the sixth of February. Logs are in UTC. #}
{% macro access_log_day(request_time) -%}
substring({{ request_time }}, 9, 4) || '-'
|| case substring({{ request_time }}, 5, 3)
    {%- for month in ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'] %}
    when '{{ month }}' then '{{ '%02d' % loop.index }}'
    {%- endfor %}
end
|| '-' || substring({{ request_time }}, 2, 2)
{%- endmacro %}


{# The lines of the text files of this load: line, landing_file. #}
{% macro text_lines() %}{{ return(adapter.dispatch('text_lines', 'millrace')()) }}{% endmacro %}

{% macro default__text_lines() %}{{ engine_refuses('text_lines') }}{% endmacro %}

{% macro duckdb__text_lines() -%}
select
    line,
    substring(landing_file, length('{{ var('landing_root').rstrip('/') }}/') + 1) as landing_file
from (
    select
        line,
        filename as landing_file
    from read_csv(
        getvariable('landing_files'),
        columns = {'line': 'VARCHAR'}, auto_detect = false, header = false, delim = '\x01', quote = '', escape = '', filename = true,
        max_line_size = 16000000
    )
    union all
    select
        unnest(landing_file_records(odd_file, '{{ landing_options() }}')) as line,
        odd_file as landing_file
    from (select unnest(getvariable('landing_odd_files')) as odd_file) as odd_files
) as landed_lines
{%- endmacro %}

{# Partitions of the external table are folders. #}
{% macro redshift__text_lines() -%}
select
    logs.line,
    logs."$path" as landing_file
from {{ config.meta_get('replica', '') }} as logs
{%- endmacro %}

{% macro athena__text_lines() -%}
select
    lines.line,
    lines."$path" as landing_file
from {{ landing_table() }} as lines
{{ athena_new_files('lines') }}
{%- endmacro %}
