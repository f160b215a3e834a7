{{ config(tags=['daily'], dist='even', sort='what_if_timestamp') }}
-- Grain: one row per replay, cluster and stretch of time in which the number of running queries was the same.
with

queries as (

    select * from {{ ref('stg_replay__queries') }}
    where ended_at is not null

),

moments as (

    select
        what_if_timestamp,
        cluster_identifier,
        started_at as changed_at,
        1 as step
    from queries

    union all

    select
        what_if_timestamp,
        cluster_identifier,
        ended_at as changed_at,
        -1 as step
    from queries

),

changes as (

    select
        what_if_timestamp,
        cluster_identifier,
        changed_at,
        sum(step) as step
    from moments
    group by what_if_timestamp, cluster_identifier, changed_at

),

stretches as (

    select
        what_if_timestamp,
        cluster_identifier,
        changed_at as valid_from,
        lead(changed_at) over (partition by what_if_timestamp, cluster_identifier order by changed_at) as valid_to,
        sum(step) over (
            partition by what_if_timestamp, cluster_identifier
            order by changed_at
            rows between unbounded preceding and current row
        ) as running_queries
    from changes

)

select
    what_if_timestamp,
    cluster_identifier,
    valid_from,
    valid_to,
    cast(running_queries as bigint) as running_queries,
    cast({{ elapsed_us('valid_from', 'valid_to') }} as {{ float_type() }}) / 1000000 as seconds
from stretches
where valid_to is not null
