{{ config(tags=['daily'], dist='even', sort='what_if_timestamp') }}
-- Grain: one row per serverless cluster in a replay and query with a part in what was charged, and one without a query for what was charged while
-- none ran. Queries that run at a time share what is charged by the time they run.
with

reported as (

    select
        what_if_timestamp,
        cluster_identifier,
        started_at,
        ended_at,
        charged_rpu_seconds * 1000000 as charged_us
    from {{ ref('stg_replay__serverless_usage') }}

),

queries as (

    select
        what_if_timestamp,
        cluster_identifier,
        query_id,
        started_at,
        ended_at
    from {{ ref('stg_replay__queries') }}
    where ended_at > started_at

),

shared as (

    select
        reported.what_if_timestamp,
        reported.cluster_identifier,
        reported.started_at,
        reported.charged_us,
        queries.query_id,
        coalesce({{ elapsed_us('greatest(reported.started_at, queries.started_at)', 'least(reported.ended_at, queries.ended_at)') }}, 0) as overlap_us
    from reported
    left join queries
        on
            reported.what_if_timestamp = queries.what_if_timestamp
            and reported.cluster_identifier = queries.cluster_identifier
            and reported.started_at < queries.ended_at
            and reported.ended_at > queries.started_at

),

running as (

    select
        shared.*,
        cast(sum(overlap_us) over (partition by what_if_timestamp, cluster_identifier, started_at) as {{ float_type() }}) as all_us,
        cast(sum(overlap_us) over (
            partition by what_if_timestamp, cluster_identifier, started_at
            order by query_id
            rows between unbounded preceding and current row
        ) as {{ float_type() }}) as us_so_far
    from shared

),

-- whole parts up to each query; the last one, or the one without a query, ends at the whole, so that parts add up to it
charged_so_far as (

    select
        running.*,
        case
            when us_so_far = all_us then charged_us
            else cast(floor(charged_us * (us_so_far / all_us)) as bigint)
        end as charged_us_so_far
    from running

),

parts as (

    select
        what_if_timestamp,
        cluster_identifier,
        query_id,
        charged_us_so_far - coalesce(
            lag(charged_us_so_far) over (partition by what_if_timestamp, cluster_identifier, started_at order by query_id), 0
        ) as charged_us
    from charged_so_far

),

summed as (

    select
        what_if_timestamp,
        cluster_identifier,
        query_id,
        sum(charged_us) as charged_us
    from parts
    group by what_if_timestamp, cluster_identifier, query_id

)

select
    summed.what_if_timestamp,
    summed.cluster_identifier,
    summed.query_id,
    cast(summed.charged_us as bigint) as charged_rpu_us,
    paid.price_per_hour,
    paid.currency,
    cast(cast(summed.charged_us as {{ float_type() }}) / 3600000000 * paid.price_per_hour as decimal(18, 6)) as cost_amount
from summed
left join {{ ref('fct_replay_costs') }} as paid
    on
        summed.what_if_timestamp = paid.what_if_timestamp
        and summed.cluster_identifier = paid.cluster_identifier
        and paid.cost_basis = 'charged seconds'
