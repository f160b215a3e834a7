{{ config(tags=['daily']) }}
-- Grain: one row per replay and cluster: what it was paid for while it replayed, and at what price. Costs are what the clock and the price list
-- say; cost_basis says how sure that is.
with

clusters as (

    select
        what_if_timestamp,
        cluster_identifier,
        min(started_at) as started_at,
        max(ended_at) as ended_at
    from {{ ref('stg_replay__queries') }}
    group by what_if_timestamp, cluster_identifier

),

capacity as (

    {{ replay_capacity() }}

),

-- the usage that touches the replay; what the warehouse is charged for before and after it is another's
used as (

    select
        clusters.what_if_timestamp,
        clusters.cluster_identifier,
        cast(sum(reported.charged_rpu_seconds) as bigint) as charged_rpu_seconds
    from clusters
    inner join {{ ref('stg_replay__serverless_usage') }} as reported
        on
            clusters.what_if_timestamp = reported.what_if_timestamp
            and clusters.cluster_identifier = reported.cluster_identifier
    where reported.started_at < clusters.ended_at and reported.ended_at > clusters.started_at
    group by clusters.what_if_timestamp, clusters.cluster_identifier

),

measured as (

    select
        clusters.what_if_timestamp,
        clusters.cluster_identifier,
        clusters.started_at,
        clusters.ended_at,
        capacity.capacity_unit,
        capacity.capacity_units,
        capacity.region,
        used.charged_rpu_seconds,
        cast({{ elapsed_us('clusters.started_at', 'clusters.ended_at') }} as {{ float_type() }}) / 1000000 as replay_seconds
    from clusters
    left join capacity
        on clusters.cluster_identifier = capacity.cluster_identifier
    left join used
        on clusters.what_if_timestamp = used.what_if_timestamp and clusters.cluster_identifier = used.cluster_identifier

),

billed as (

    select
        measured.*,
        case
            when capacity_unit is null then null
            when capacity_unit = 'RPU' and charged_rpu_seconds is not null then cast(charged_rpu_seconds as {{ float_type() }}) / 3600
            else capacity_units * replay_seconds / 3600
        end as billed_unit_hours
    from measured

),

priced as (

    select
        billed.*,
        prices.price_per_hour,
        prices.currency,
        row_number() over (
            partition by billed.what_if_timestamp, billed.cluster_identifier
            order by prices.valid_from desc nulls last
        ) as price_number
    from billed
    left join {{ ref('ref_capacity_prices') }} as prices
        on
            billed.capacity_unit = prices.capacity_unit
            and billed.region = prices.region
            and prices.valid_from <= cast(billed.started_at as date)

)

select
    what_if_timestamp,
    cluster_identifier,
    cast(capacity_unit as {{ text_type(64) }}) as capacity_unit,
    capacity_units,
    cast(region as {{ text_type(32) }}) as region,
    started_at,
    ended_at,
    replay_seconds,
    charged_rpu_seconds,
    billed_unit_hours,
    cast(price_per_hour as decimal(18, 6)) as price_per_hour,
    cast(currency as {{ text_type(8) }}) as currency,
    cast(case
        when capacity_unit is null then 'capacity unknown'
        when price_per_hour is null then 'price unknown'
        when capacity_unit = 'RPU' and charged_rpu_seconds is not null then 'charged seconds'
        when capacity_unit = 'RPU' then 'base capacity'
        else 'node hours'
    end as {{ text_type(32) }}) as cost_basis,
    cast(billed_unit_hours * price_per_hour as decimal(18, 6)) as cost_amount
from priced
where price_number = 1
