{{ config(tags=['daily']) }}
-- Grain: one row per replay and configuration, the baseline too: what it cost, how long its queries took, and what that is against the baseline.
{%- set target = replay_latency_target() %}
{%- set fractions = {'p50': 0.5, 'p90': 0.9, 'p95': 0.95, 'p99': 0.99} %}
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

-- what fails in the baseline as well is no matter of the configuration
failed_in_both as (

    select
        what_if_timestamp,
        baseline_cluster_identifier as cluster_identifier,
        baseline_query_id as query_id
    from {{ ref('fct_replayed_query_pairs') }}
    where pair_class = 'failed in both'
    union
    select
        what_if_timestamp,
        target_cluster_identifier as cluster_identifier,
        target_query_id as query_id
    from {{ ref('fct_replayed_query_pairs') }}
    where pair_class = 'failed in both'

),

-- results from the cache say nothing of the capacity; a query that fails is beyond any limit
durations as (

    select
        configurations.what_if_timestamp,
        configurations.configuration_name,
        case
            when replayed.query_outcome = 'succeeded' and not replayed.is_from_cache
                then cast(replayed.elapsed_us as {{ float_type() }}) / 1000000
        end as seconds,
        case when replayed.query_outcome = 'succeeded' then 1 else 0 end as is_success,
        case when replayed.query_outcome <> 'succeeded' and failed_in_both.query_id is null then 1 else 0 end as is_failure
    from configurations
    inner join {{ ref('stg_replay__queries') }} as replayed
        on
            configurations.what_if_timestamp = replayed.what_if_timestamp
            and configurations.cluster_identifier = replayed.cluster_identifier
    left join failed_in_both
        on
            replayed.what_if_timestamp = failed_in_both.what_if_timestamp
            and replayed.cluster_identifier = failed_in_both.cluster_identifier
            and replayed.query_id = failed_in_both.query_id

),

placed as (

    select
        durations.*,
        row_number() over (partition by what_if_timestamp, configuration_name order by seconds nulls last) as place,
        count(seconds) over (partition by what_if_timestamp, configuration_name) as number,
        count(seconds) over (partition by what_if_timestamp, configuration_name)
        + sum(is_failure) over (partition by what_if_timestamp, configuration_name) as number_with_failures
    from durations

),

latencies as (

    select
        what_if_timestamp,
        configuration_name,
        cast(count(*) as bigint) as queries,
        cast(sum(is_success) as bigint) as succeeded_queries,
        cast(sum(is_failure) as bigint) as failed_queries,
        -- the percentile of the target, where so many succeed at all
        case when max(number) >= 1 + {{ fractions[target.percentile] }} * (max(number_with_failures) - 1)
            then {{ interpolated_percentile('seconds', fractions[target.percentile], number='number_with_failures') }}
        end as limited_seconds,
        {%- for name, fraction in fractions.items() %}
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
        latencies.failed_queries,
        latencies.limited_seconds,
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
        coalesce(limited_seconds <= {{ target.seconds }}, false) as holds_latency_target
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
    failed_queries,
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
