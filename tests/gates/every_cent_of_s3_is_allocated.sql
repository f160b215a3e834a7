-- Promise 7: sums over the parts of a charge are the charge, to the last digit, every part has a prefix or a reason, and the charges are the bill.
with

bill as (
    {% for name in ('stg_cur__line_items', 'stg_focus__line_items') %}
    select
        currency,
        {{ s3_cost_measure() }} as cost_amount
    from {{ ref(name) }}
    where product_code in ('AmazonS3', 'AmazonS3GlacierDeepArchive', 'AmazonGlacier')
    {{ 'union all' if not loop.last }}
    {% endfor %}
),

billed as (

    select
        currency,
        sum(cost_amount) as cost_amount
    from bill
    group by currency

),

charged as (

    select
        currency,
        sum(cost_amount) as cost_amount
    from {{ ref('agg_s3_charges') }}
    group by currency

),

allocated as (

    select
        charge_id,
        sum(cost_amount) as cost_amount,
        sum(case when prefix is null and unallocated_reason is null then 1 else 0 end) as parts_without_reason
    from {{ ref('fct_s3_cost_allocation') }}
    group by charge_id

),

borne as (

    select
        currency,
        sum(cost_amount) as cost_amount
    from {{ ref('agg_s3_chargeback') }}
    group by currency

)

select
    'charge' as level,
    charges.charge_id as what,
    charges.cost_amount as expected_amount,
    allocated.cost_amount as found_amount
from {{ ref('agg_s3_charges') }} as charges
full outer join allocated
    on charges.charge_id = allocated.charge_id
where
    charges.cost_amount is null
    or allocated.cost_amount is null
    or charges.cost_amount <> allocated.cost_amount
    or allocated.parts_without_reason > 0

union all

select
    'bill' as level,
    billed.currency as what,
    billed.cost_amount as expected_amount,
    charged.cost_amount as found_amount
from billed
full outer join charged
    on billed.currency = charged.currency
where billed.cost_amount is null or charged.cost_amount is null or billed.cost_amount <> charged.cost_amount

union all

select
    'chargeback' as level,
    charged.currency as what,
    charged.cost_amount as expected_amount,
    borne.cost_amount as found_amount
from charged
full outer join borne
    on charged.currency = borne.currency
where charged.cost_amount is null or borne.cost_amount is null or charged.cost_amount <> borne.cost_amount
