{{ config(tags=['daily'], dist='even', sort='usage_on') }}
-- Grain: one row per charge of S3 on the bill, bucket and prefix with a part in it, and per reason for which a part has no prefix. Taxes, credits,
-- refunds, discounts and fees are spread over what was used, and stay components of their own. Sums over a charge are the charge.
{%- set part_columns = [
    'charge_id', 'billing_period_starts_on', 'payer_account_id', 'usage_account_id', 'invoice_id', 'usage_on', 'bucket_name', 'prefix',
    'usage_type', 'operation', 'component', 'charge_kind', 'storage_class', 'access_tier', 'currency',
] %}
with

used as (

    select * from {{ ref('fct_s3_usage_allocation') }}

),

spread_charges as (

    select * from {{ ref('agg_s3_charges') }}
    where component <> 'usage'

),

-- what was used, by whom and where; a part below zero is nothing to spread over
basis as (

    select
        billing_period_starts_on,
        payer_account_id,
        usage_account_id,
        invoice_id,
        currency,
        bucket_name,
        prefix,
        unallocated_reason,
        {{ money_weight('sum(cost_amount)') | indent(8) }} as weight
    from used
    group by
        billing_period_starts_on,
        payer_account_id,
        usage_account_id,
        invoice_id,
        currency,
        bucket_name,
        prefix,
        unallocated_reason
    having sum(cost_amount) > 0

),

-- over the same account's use on the same invoice, else over the account's, else over the payer's
candidates as (

    select
        spread_charges.charge_id,
        basis.bucket_name,
        basis.prefix,
        basis.unallocated_reason,
        basis.weight,
        case
            when spread_charges.usage_account_id = basis.usage_account_id and spread_charges.invoice_id = basis.invoice_id then 1
            when spread_charges.usage_account_id = basis.usage_account_id then 2
            else 3
        end as distance
    from spread_charges
    inner join basis
        on
            spread_charges.billing_period_starts_on = basis.billing_period_starts_on
            and spread_charges.payer_account_id = basis.payer_account_id
            and spread_charges.currency = basis.currency
            and (spread_charges.bucket_name = basis.bucket_name or spread_charges.bucket_name = '')

),

nearest as (

    select
        candidates.*,
        min(distance) over (partition by charge_id) as nearest_distance
    from candidates

),

weighed as (

    select
        charge_id,
        bucket_name,
        prefix,
        unallocated_reason,
        sum(weight) as weight
    from nearest
    where distance = nearest_distance
    group by charge_id, bucket_name, prefix, unallocated_reason

),

shares as (

    select
        spread_charges.charge_id,
        spread_charges.billing_period_starts_on,
        spread_charges.payer_account_id,
        spread_charges.usage_account_id,
        spread_charges.invoice_id,
        spread_charges.usage_on,
        coalesce(weighed.bucket_name, spread_charges.bucket_name) as bucket_name,
        spread_charges.usage_type,
        spread_charges.operation,
        spread_charges.component,
        spread_charges.charge_kind,
        spread_charges.storage_class,
        spread_charges.access_tier,
        spread_charges.currency,
        spread_charges.cost_amount as charge_amount,
        weighed.prefix,
        case
            when weighed.charge_id is null then 'nothing was used that it could be spread over'
            else weighed.unallocated_reason
        end as unallocated_reason,
        weighed.weight,
        sum(weighed.weight) over (partition by spread_charges.charge_id) as total_weight,
        row_number() over (
            partition by spread_charges.charge_id
            order by weighed.weight desc, weighed.bucket_name asc, weighed.prefix asc, weighed.unallocated_reason asc
        ) as place
    from spread_charges
    left join weighed
        on spread_charges.charge_id = weighed.charge_id

),

{{ exact_parts('shares', 'charge_id') }},

allocated as (

    select
        {%- for column in part_columns %}
        {{ column }},
        {%- endfor %}
        allocation_method,
        unallocated_reason,
        filled_days,
        share,
        cost_amount
    from used

    union all

    select
        {%- for column in part_columns %}
        {{ column }},
        {%- endfor %}
        case when prefix is not null then 'pro rata to what was used' end as allocation_method,
        unallocated_reason,
        cast(null as integer) as filled_days,
        coalesce(cast(weight as {{ float_type() }}) / cast(total_weight as {{ float_type() }}), 1) as share,
        cost_amount
    from exact_parts

),

{{ s3_owners_of('allocated') }}

select
    allocated.charge_id,
    allocated.billing_period_starts_on,
    cast(allocated.payer_account_id as {{ text_type(64) }}) as payer_account_id,
    cast(allocated.usage_account_id as {{ text_type(64) }}) as usage_account_id,
    cast(allocated.invoice_id as {{ text_type(64) }}) as invoice_id,
    allocated.usage_on,
    cast(allocated.bucket_name as {{ text_type(256) }}) as bucket_name,
    cast(allocated.prefix as {{ text_type(1024) }}) as prefix,
    cast(coalesce(owners.team, 'unowned') as {{ text_type(128) }}) as team,
    cast(coalesce(owners.cost_centre, 'unowned') as {{ text_type(128) }}) as cost_centre,
    cast(coalesce(owners.data_set, 'unowned') as {{ text_type(128) }}) as data_set,
    allocated.usage_type,
    allocated.operation,
    allocated.component,
    allocated.charge_kind,
    allocated.storage_class,
    allocated.access_tier,
    cast(coalesce(allocated.allocation_method, 'unallocated') as {{ text_type(64) }}) as allocation_method,
    cast(allocated.unallocated_reason as {{ text_type(256) }}) as unallocated_reason,
    allocated.filled_days,
    allocated.share,
    allocated.currency,
    allocated.cost_amount
from allocated
left join owners
    on
        allocated.bucket_name = owners.bucket_name
        and coalesce(allocated.prefix, '') = owners.prefix
        and allocated.usage_on = owners.usage_on
