-- Grain: one row per billing period, currency, payer, account and component: what each account's S3 cost, and of it what has no prefix. Sums of a period
-- and currency are the bill.
select
    billing_period_starts_on,
    currency,
    payer_account_id,
    usage_account_id,
    component,
    count(distinct nullif(bucket_name, '')) as buckets,
    sum(case when prefix is null then cost_amount else 0 end) as unallocated_cost,
    sum(cost_amount) as cost_amount
from {{ ref('fct_s3_cost_allocation') }}
group by billing_period_starts_on, currency, payer_account_id, usage_account_id, component
order by billing_period_starts_on, currency, payer_account_id, usage_account_id, component
