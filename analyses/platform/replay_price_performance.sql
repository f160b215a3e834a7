-- Grain: one row per replay and configuration, the cheapest that covers the workload and holds the latency target first.
select
    what_if_timestamp,
    configuration_name,
    is_cheapest_within_target,
    holds_latency_target,
    covers_workload,
    cost_amount,
    currency,
    cost_basis,
    cost_per_thousand_queries,
    speedup,
    cost_ratio,
    price_performance,
    scaling_class
from {{ ref('agg_replay_price_performance') }}
order by what_if_timestamp asc, is_cheapest_within_target desc, covers_workload desc, holds_latency_target desc, cost_amount asc
