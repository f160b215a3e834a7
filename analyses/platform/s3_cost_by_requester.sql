-- Grain: one row per billing period, currency and requester of the access logs: what requests, retrieval and transfer cost by who asked: each part of
-- fct_s3_cost_allocation that the logs split, by requests or bytes of its days and prefix. What no log tells of is the row (not logged). Sums of a
-- period and currency are what the bill has of these kinds.
with

parts as (

    select
        allocated.charge_id,
        allocated.billing_period_starts_on,
        allocated.currency,
        allocated.bucket_name,
        allocated.prefix,
        allocated.operation,
        allocated.allocation_method,
        'tier ' || substring(allocated.usage_type, length(allocated.usage_type), 1) as request_group,
        charges.usage_on,
        charges.used_until_on,
        allocated.charge_kind,
        allocated.cost_amount
    from {{ ref('fct_s3_cost_allocation') }} as allocated
    inner join {{ ref('agg_s3_charges') }} as charges
        on allocated.charge_id = charges.charge_id
    where allocated.component = 'usage' and allocated.charge_kind in ('requests', 'retrieval', 'data transfer')

),

asked as (

    select
        parts.charge_id,
        parts.prefix,
        requests.requester,
        sum(case when parts.allocation_method = 'logged bytes' then requests.bytes_sent else requests.billed_requests end) as weight
    from parts
    inner join {{ ref('fct_s3_requests') }} as requests
        on
            parts.bucket_name = requests.bucket_name
            and parts.prefix = requests.prefix
            and requests.requested_on between parts.usage_on and parts.used_until_on
            and (
                parts.allocation_method = 'logged bytes'
                or (parts.allocation_method = 'logged requests of the operation' and parts.operation = requests.billed_operation)
                or (parts.allocation_method = 'logged requests of the tier' and parts.request_group = 'tier ' || requests.request_tier)
            )
    where parts.allocation_method in ('logged bytes', 'logged requests of the operation', 'logged requests of the tier')
    group by parts.charge_id, parts.prefix, requests.requester

),

shares as (

    select
        parts.charge_id,
        parts.billing_period_starts_on,
        parts.currency,
        parts.bucket_name,
        parts.prefix,
        parts.cost_amount as charge_amount,
        coalesce(asked.requester, '(not logged)') as requester,
        cast(asked.weight as decimal(38, 0)) as weight,
        cast(sum(asked.weight) over (partition by parts.charge_id, parts.prefix) as decimal(38, 0)) as total_weight,
        row_number() over (partition by parts.charge_id, parts.prefix order by asked.weight desc, asked.requester asc) as place
    from parts
    left join asked
        on parts.charge_id = asked.charge_id and parts.prefix = asked.prefix and asked.weight > 0

),

{{ exact_parts('shares', 'charge_id, prefix') }}

select
    billing_period_starts_on,
    currency,
    requester,
    count(distinct bucket_name) as buckets,
    sum(cost_amount) as cost_amount
from exact_parts
group by billing_period_starts_on, currency, requester
order by billing_period_starts_on asc, currency asc, cost_amount desc, requester asc
