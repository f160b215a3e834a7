{{ config(materialized=staging_materialization(), tags=['daily']) }}
-- Grain: one row per query of a cluster in a replay, whatever came of it.
with

deliveries as (

    select * from {{ ref('delivered_replay__queries') }}

),

accepted as (

    select
        -- ids
        what_if_timestamp,
        cluster_identifier,
        query_id,
        user_id,
        transaction_id,
        session_id,
        replay_tag,
        exact_hash,
        exact_statement_key,
        query_hash,
        {{ digest('statement_text') }} as statement_key,
        -- text
        user_name,
        database_name,
        query_label,
        query_type,
        status,
        error_message,
        compute_type,
        query_text,
        statement_text,
        case
            when status = 'success' then 'succeeded'
            when {{ matches_pattern('lower(error_message)', '(statement|query|execution) (timeout|timed out)|(cancelled|canceled|aborted) (on|by|due to) .*time ?out') }} then 'timed out'
            when status = 'failed' then 'failed'
            when status = 'canceled' then 'cancelled'
            else 'unfinished'
        end as query_outcome,
        -- booleans
        is_from_cache,
        -- microseconds
        elapsed_us,
        queue_us,
        execution_us,
        compile_us,
        planning_us,
        lock_wait_us,
        -- results
        returned_rows,
        returned_bytes,
        -- timestamps
        started_at,
        ended_at,
        refresh_time as arrived_at,
        -- load
        loaded_at,
        load_id
    from deliveries
    where outcome = 'accepted'

)

select * from accepted
