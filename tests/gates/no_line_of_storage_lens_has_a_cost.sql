{{ config(severity='warn') }}
-- Storage Lens can publish costs by prefix to the bill, at several depths. All lines of a bill add up to it, so such a line is either part of its bucket's
-- cost or costs nothing by itself; AWS does not document which. One with a cost is named here: hold the month's sum against the invoice.
select
    billing_period_starts_on,
    bucket_name,
    resource_kind,
    usage_type,
    currency,
    sum(cost_amount) as cost_amount
from {{ ref('agg_s3_charges') }}
where charge_kind = 'Storage Lens'
group by billing_period_starts_on, bucket_name, resource_kind, usage_type, currency
having sum(abs(cost_amount)) > 0
