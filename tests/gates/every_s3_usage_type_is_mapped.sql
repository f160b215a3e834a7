{{ config(severity='warn') }}
-- Usage types that no rule of s3_charge_rules() knows: their cost is unallocated until one does.
select
    usage_type,
    sum(cost_amount) as cost_amount
from {{ ref('agg_s3_charges') }}
where charge_kind = 'not mapped'
group by usage_type
