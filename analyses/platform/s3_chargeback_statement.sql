-- Grain: one row per billing period, currency, team and component of what it owns; what it bears of others' is in agg_s3_chargeback.
select
    billing_period_starts_on,
    currency,
    team,
    cost_centre,
    data_set,
    component,
    charge_kind,
    sum(case when unallocated_reason is null then 0 else cost_amount end) as unallocated_cost,
    sum(cost_amount) as cost_amount
from {{ ref('fct_s3_cost_allocation') }}
group by billing_period_starts_on, currency, team, cost_centre, data_set, component, charge_kind
order by billing_period_starts_on, currency, team, data_set, component, charge_kind
