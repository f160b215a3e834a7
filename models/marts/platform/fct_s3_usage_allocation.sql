{{ config(tags=['daily'], dist='even', sort='usage_on') }}
-- Grain: one row per charge of use and prefix with a part in it, and one without a prefix per charge that nobody can be named for. Parts of a charge
-- add up to it to the last digit: each is its share to twelve digits, and the largest takes what is left.
with

charges as (

    select * from {{ ref('agg_s3_charges') }}
    where component = 'usage'

),

-- what was asked for on the days of a charge, where access logs tell: of the operation it names, else of its tier; the bytes sent for the others
logged as (

    select
        charges.charge_id,
        weights.prefix,
        cast(sum(weights.weight) as decimal(38, 0)) as weight,
        cast(null as integer) as filled_days,
        case
            when weights.driver = 'logged bytes' then 'logged bytes'
            when weights.request_group = charges.operation then 'logged requests of the operation'
            else 'logged requests of the tier'
        end as basis
    from charges
    inner join {{ ref('agg_s3_request_weights') }} as weights
        on
            charges.bucket_name = weights.bucket_name
            and weights.requested_on between charges.usage_on and charges.used_until_on
            and (
                (
                    charges.charge_kind = 'requests'
                    and weights.driver = 'logged requests'
                    and weights.request_group in (charges.operation, 'tier ' || substring(charges.usage_type, length(charges.usage_type), 1))
                )
                or (charges.charge_kind in ('retrieval', 'data transfer') and weights.driver = 'logged bytes')
            )
    group by
        charges.charge_id,
        weights.prefix,
        case
            when weights.driver = 'logged bytes' then 'logged bytes'
            when weights.request_group = charges.operation then 'logged requests of the operation'
            else 'logged requests of the tier'
        end

),

-- a charge of several days is split by what was there on all of them: bytes by days are byte-hours; what is charged for going too early by what went
-- between two lists
stored as (

    select
        charges.charge_id,
        weights.prefix,
        cast(sum(weights.weight) as decimal(38, 0)) as weight,
        max(inventories.filled_days) as filled_days,
        case when weights.driver = 'vanished bytes' then weights.driver end as basis
    from charges
    inner join {{ ref('agg_s3_inventory_days') }} as inventories
        on
            charges.bucket_name = inventories.bucket_name
            and inventories.charged_on between charges.usage_on and charges.used_until_on
    inner join {{ ref('agg_s3_prefix_weights') }} as weights
        on
            inventories.bucket_name = weights.bucket_name
            and inventories.inventory_on = weights.inventory_on
            and charges.storage_class = weights.storage_class
            and (
                (charges.driver = weights.driver and charges.access_tier = weights.access_tier)
                or (charges.charge_kind = 'early deletion' and weights.driver = 'vanished bytes')
            )
    group by charges.charge_id, weights.prefix, case when weights.driver = 'vanished bytes' then weights.driver end

),

candidates as (

    select * from logged
    union all
    select * from stored

),

-- 'of the operation' comes before 'of the tier', and what is stored comes last
best as (

    select
        charge_id,
        min(basis) as basis
    from candidates
    where basis is not null
    group by charge_id

),

weighed as (

    select candidates.*
    from candidates
    left join best
        on candidates.charge_id = best.charge_id
    where coalesce(candidates.basis, 'stored') = coalesce(best.basis, 'stored')

),

inventoried_buckets as (

    select distinct bucket_name from {{ ref('agg_s3_inventory_days') }}

),

shares as (

    select
        charges.charge_id,
        charges.billing_period_starts_on,
        charges.payer_account_id,
        charges.usage_account_id,
        charges.invoice_id,
        charges.usage_on,
        charges.bucket_name,
        charges.resource_kind,
        charges.usage_type,
        charges.operation,
        charges.component,
        charges.charge_kind,
        charges.driver,
        charges.storage_class,
        charges.access_tier,
        charges.rule_reason,
        charges.currency,
        charges.cost_amount as charge_amount,
        inventoried_buckets.bucket_name as inventoried_bucket,
        weighed.prefix,
        weighed.filled_days,
        weighed.basis,
        weighed.weight,
        sum(weighed.weight) over (partition by charges.charge_id) as total_weight,
        row_number() over (partition by charges.charge_id order by weighed.weight desc, weighed.prefix asc) as place
    from charges
    left join inventoried_buckets
        on charges.bucket_name = inventoried_buckets.bucket_name
    left join weighed
        on charges.charge_id = weighed.charge_id

),

{{ exact_parts('shares', 'charge_id') }}

select
    charge_id,
    billing_period_starts_on,
    payer_account_id,
    usage_account_id,
    invoice_id,
    usage_on,
    bucket_name,
    prefix,
    usage_type,
    operation,
    component,
    charge_kind,
    storage_class,
    access_tier,
    currency,
    cast(case
        when prefix is null then null
        when basis is not null then basis
        when charge_kind in ('requests', 'retrieval', 'data transfer') then driver || ', without access logs'
        when charge_kind = 'early deletion' then driver || ', without earlier lists'
        else driver
    end as {{ text_type(64) }}) as allocation_method,
    cast(case
        when prefix is not null then null
        when bucket_name = '' and resource_kind in ('Storage Lens', 'access point', 'other') then 'the line is for no bucket: ' || resource_kind
        when bucket_name = '' then 'the line names no bucket'
        when driver = 'none' then rule_reason
        when inventoried_bucket is null then 'the bucket has no inventory'
        else 'the inventory has no object that the charge could be for'
    end as {{ text_type(256) }}) as unallocated_reason,
    filled_days,
    coalesce(cast(weight as {{ float_type() }}) / cast(total_weight as {{ float_type() }}), 1) as share,
    cost_amount
from exact_parts
