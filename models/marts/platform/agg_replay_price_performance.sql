{{ config(tags=['daily']) }}
-- Grain: one row per replay and configuration, the baseline too: what it cost, how long its queries took, and what that is against the baseline.
{%- set target = replay_latency_target() %}
with

configurations as (

    select * from {{ ref('dim_replay_configuration') }}

),

paid as (

    select
        configurations.what_if_timestamp,
        configurations.configuration_name,
        configurations.is_baseline,
        cast(count(*) as bigint) as clusters,
        max(charged.replay_seconds) as replay_seconds,
        -- a sum of which one part is not known is not known
        case when count(charged.cost_amount) = count(*) and count(distinct charged.currency) = 1 then sum(charged.cost_amount) end as cost_amount,
        case when count(distinct charged.currency) = 1 then min(charged.currency) end as currency,
        case when min(charged.cost_basis) = max(charged.cost_basis) then min(charged.cost_basis) else 'several' end as cost_basis
    from configurations
    inner join {{ ref('fct_replay_costs') }} as charged
        on
            configurations.what_if_timestamp = charged.what_if_timestamp
            and configurations.cluster_identifier = charged.cluster_identifier
    group by configurations.what_if_timestamp, configurations.configuration_name, configurations.is_baseline

),

-- results from the cache say nothing of the capacity
durations as (

    select
        configurations.what_if_timestamp,
        configurations.configuration_name,
        case
            when replayed.query_outcome = 'succeeded' and not replayed.is_from_cache
                then cast(replayed.elapsed_us as {{ float_type() }}) / 1000000
        end as seconds,
        case when replayed.query_outcome = 'succeeded' then 1 else 0 end as is_success
    from configurations
    inner join {{ ref('stg_replay__queries') }} as replayed
        on
            configurations.what_if_timestamp = replayed.what_if_timestamp
            and configurations.cluster_identifier = replayed.cluster_identifier

),

placed as (

    select
        durations.*,
        row_number() over (partition by what_if_timestamp, configuration_name order by seconds nulls last) as place,
        count(seconds) over (partition by what_if_timestamp, configuration_name) as number
    from durations

),

latencies as (

    select
        what_if_timestamp,
        configuration_name,
        cast(count(*) as bigint) as queries,
        cast(sum(is_success) as bigint) as succeeded_queries,
        {%- for name, fraction in {'p50': 0.5, 'p90': 0.9, 'p95': 0.95, 'p99': 0.99}.items() %}
        {{ interpolated_percentile('seconds', fraction) }} as {{ name }}_seconds{{ ',' if not loop.last }}
        {%- endfor %}
    from placed
    group by what_if_timestamp, configuration_name

),

against as (

    select
        paid.what_if_timestamp,
        paid.configuration_name,
        paid.is_baseline,
        paid.clusters,
        paid.is_baseline or comparison.not_replayed_queries = 0 as covers_workload,
        latencies.queries,
        latencies.succeeded_queries,
        paid.replay_seconds,
        latencies.p50_seconds,
        latencies.p90_seconds,
        latencies.p95_seconds,
        latencies.p99_seconds,
        paid.cost_amount,
        paid.currency,
        paid.cost_basis,
        cast(paid.cost_amount as {{ float_type() }}) * 1000 / nullif(latencies.succeeded_queries, 0) as cost_per_thousand_queries,
        case
            when paid.is_baseline then 1
            when comparison.not_replayed_queries = 0 and paid.currency = baselines.currency then cast(paid.cost_amount as {{ float_type() }}) / nullif(cast(baselines.cost_amount as {{ float_type() }}), 0)
        end as cost_ratio,
        case
            when paid.is_baseline then 1
            else comparison.baseline_elapsed_seconds / nullif(comparison.target_elapsed_seconds, 0)
        end as speedup
    from paid
    inner join latencies
        on paid.what_if_timestamp = latencies.what_if_timestamp and paid.configuration_name = latencies.configuration_name
    left join {{ ref('agg_replay_comparison') }} as comparison
        on
            paid.what_if_timestamp = comparison.what_if_timestamp
            and paid.configuration_name = comparison.configuration_name
            and not paid.is_baseline
    left join paid as baselines
        on paid.what_if_timestamp = baselines.what_if_timestamp and baselines.is_baseline

),

judged as (

    select
        against.*,
        speedup / nullif(cost_ratio, 0) as price_performance,
        {{ target.percentile }}_seconds <= {{ target.seconds }} as holds_latency_target
    from against

),

ranked as (

    select
        judged.*,
        row_number() over (
            partition by what_if_timestamp, case when covers_workload and holds_latency_target and cost_amount is not null then 1 else 0 end
            order by cost_amount, configuration_name
        ) as cost_rank
    from judged

)

select
    what_if_timestamp,
    configuration_name,
    is_baseline,
    clusters,
    covers_workload,
    queries,
    succeeded_queries,
    replay_seconds,
    p50_seconds,
    p90_seconds,
    p95_seconds,
    p99_seconds,
    cast(cost_amount as decimal(18, 6)) as cost_amount,
    cast(currency as {{ text_type(8) }}) as currency,
    cast(cost_basis as {{ text_type(32) }}) as cost_basis,
    cost_per_thousand_queries,
    cast(cost_ratio as {{ float_type() }}) as cost_ratio,
    cast(speedup as {{ float_type() }}) as speedup,
    cast(price_performance as {{ float_type() }}) as price_performance,
    cast(case
        when is_baseline then 'baseline'
        when not covers_workload then 'part of the workload'
        when cost_ratio is null or speedup is null then 'unknown'
        when speedup <= 1 then 'not faster'
        when cost_ratio < 1 - {{ var('replay_same_within', 0.05) }} then 'superlinear'
        when cost_ratio <= 1 + {{ var('replay_same_within', 0.05) }} then 'linear'
        else 'sublinear'
    end as {{ text_type(32) }}) as scaling_class,
    holds_latency_target,
    coalesce(covers_workload and holds_latency_target and cost_amount is not null and cost_rank = 1, false) as is_cheapest_within_target
from ranked
