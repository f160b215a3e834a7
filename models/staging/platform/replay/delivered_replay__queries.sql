{{ config(
    materialized='incremental',
    incremental_strategy='append',
    on_schema_change='append_new_columns',
    dist='even',
    sort='refresh_time',
    full_refresh=none if var('allow_full_refresh') else false,
    tags=['daily'],
) }}
-- Grain: one row per query that an unload delivered, with what became of it.
with

deliveries as (

    select
        landed.*,
        {{ replay_folder('landing_file', 2) }} as what_if_timestamp,
        {{ replay_folder('landing_file', 1) }} as cluster_identifier
    from {{ ref('copy_replayed_queries') }} as landed
    where {{ is_new_delivery('landed') }}

),

judged as (

    select
        deliveries.*,
        case
            when what_if_timestamp is null or not {{ matches_pattern('what_if_timestamp', '^[0-9]{4}(-[0-9]{2}){5}$') }} then 'the folder is no what-if timestamp'
            when query_id is null then 'query_id is missing'
            when start_time is null then 'start_time is missing'
            when elapsed_time is null and end_time is null then 'the query has not ended'
            when elapsed_time < 0 or end_time < start_time then 'the query ended before it began'
            when query_text is null then 'query_text is missing'
        end as quarantine_reason
    from deliveries

),

settled as (

    {{ delivery_outcomes('judged', ['what_if_timestamp', 'cluster_identifier', 'query_id'], ['landing_file']) }}

),

-- once: the normal form and the digest both go on from it
plain as (

    select
        settled.*,
        {{ plain_statement('query_text') | indent(8) }} as plain_text
    from settled

)

select
    -- ids
    cast(what_if_timestamp as {{ text_type(256) }}) as what_if_timestamp,
    cast(cluster_identifier as {{ text_type(256) }}) as cluster_identifier,
    coalesce(query_id, -1) as query_id,
    cast(user_id as bigint) as user_id,
    transaction_id,
    cast(session_id as bigint) as session_id,
    -- text
    cast(coalesce({{ clean_text('username') }}, {{ as_text('user_id') }}, 'unknown') as {{ text_type(256) }}) as user_name,
    cast(coalesce({{ clean_text('database_name') }}, 'unknown') as {{ text_type(256) }}) as database_name,
    cast({{ trim_blanks('query_label') }} as {{ text_type(320) }}) as query_label,
    cast({{ upper_ascii(trim_blanks('query_type')) }} as {{ text_type(32) }}) as query_type,
    cast({{ trim_blanks('status') }} as {{ text_type(16) }}) as status,
    cast({{ clean_text('error_message') }} as {{ text_type(512) }}) as error_message,
    cast({{ trim_blanks('compute_type') }} as {{ text_type(32) }}) as compute_type,
    cast({{ replay_tag('query_text') }} as {{ text_type(64) }}) as replay_tag,
    cast({{ clean_text('generic_query_hash') }} || '/' || {{ as_text('query_hash_version') }} as {{ text_type(64) }}) as query_hash,
    cast({{ clean_text('user_query_hash') }} || '/' || {{ as_text('query_hash_version') }} as {{ text_type(64) }}) as exact_hash,
    cast({{ exact_statement_key('query_text', 'plain_text') | indent(4) }} as {{ text_type(64) }}) as exact_statement_key,
    cast(query_text as {{ text_type(65535) }}) as query_text,
    cast({{ normalised_statement('plain_text', is_plain=true) | indent(4) }} as {{ text_type(65535) }}) as statement_text,
    -- booleans
    coalesce(result_cache_hit, false) as is_from_cache,
    -- microseconds
    coalesce(elapsed_time, {{ elapsed_us('start_time', 'end_time') }}) as elapsed_us,
    queue_time as queue_us,
    execution_time as execution_us,
    compile_time as compile_us,
    planning_time as planning_us,
    lock_wait_time as lock_wait_us,
    -- results
    returned_rows,
    returned_bytes,
    -- timestamps
    cast(start_time as {{ timestamp_type() }}) as started_at,
    cast(end_time as {{ timestamp_type() }}) as ended_at,
    -- outcome
    -- what has no number is no copy of anything else without one
    cast(case when query_id is null then 'quarantined' else outcome end as {{ text_type(16) }}) as outcome,
    cast(case when query_id is null then quarantine_reason else outcome_reason end as {{ text_type(256) }}) as outcome_reason,
    -- load
    cast(landing_file as {{ text_type(1024) }}) as landing_file,
    cast(refresh_time as {{ timestamp_type() }}) as refresh_time,
    {{ load_columns() }}
from plain
