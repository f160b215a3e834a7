{{ config(tags=['daily']) }}
-- Grain: one row per billing period, currency, team that bears costs and team whose costs they are. Sums over a period are its bill.
with

own_costs as (

    select
        billing_period_starts_on,
        currency,
        team as from_team,
        sum(cost_amount) as charge_amount
    from {{ ref('fct_s3_cost_allocation') }}
    group by billing_period_starts_on, currency, team

),

-- the rules of a month are those of its first day
sharing as (

    select
        own_costs.billing_period_starts_on,
        own_costs.currency,
        own_costs.from_team,
        rules.rule,
        rules.to_team,
        {{ money_weight('rules.share') | indent(8) }} as fixed_share
    from own_costs
    inner join {{ ref('ref_s3_shared_costs') }} as rules
        on
            own_costs.from_team = rules.team
            and own_costs.billing_period_starts_on >= rules.valid_from
            and (rules.valid_to is null or own_costs.billing_period_starts_on < rules.valid_to)

),

sharing_teams as (

    select distinct
        billing_period_starts_on,
        currency,
        from_team
    from sharing

),

-- who costs something and shares nothing
bearing_teams as (

    select
        own_costs.billing_period_starts_on,
        own_costs.currency,
        own_costs.from_team as to_team,
        {{ money_weight('own_costs.charge_amount') | indent(8) }} as weight
    from own_costs
    left join sharing_teams
        on
            own_costs.billing_period_starts_on = sharing_teams.billing_period_starts_on
            and own_costs.currency = sharing_teams.currency
            and own_costs.from_team = sharing_teams.from_team
    where sharing_teams.from_team is null and own_costs.charge_amount > 0

),

weights as (

    select
        billing_period_starts_on,
        currency,
        from_team,
        to_team,
        case when rule = 'fixed' then fixed_share else {{ money_weight('cast(1 as decimal(19, 18))') | indent(8) }} end as weight
    from sharing
    where rule in ('even', 'fixed')

    union all

    -- what fixed shares leave stays where it is
    select
        billing_period_starts_on,
        currency,
        from_team,
        from_team as to_team,
        {{ money_weight('cast(1 as decimal(19, 18))') | indent(8) }} - sum(fixed_share) as weight
    from sharing
    where rule = 'fixed'
    group by billing_period_starts_on, currency, from_team

    union all

    select
        sharing.billing_period_starts_on,
        sharing.currency,
        sharing.from_team,
        bearing_teams.to_team,
        bearing_teams.weight
    from sharing
    inner join bearing_teams
        on sharing.billing_period_starts_on = bearing_teams.billing_period_starts_on and sharing.currency = bearing_teams.currency
    where sharing.rule = 'proportional'

),

shares as (

    select
        own_costs.billing_period_starts_on,
        own_costs.currency,
        own_costs.from_team,
        own_costs.charge_amount,
        coalesce(weights.to_team, own_costs.from_team) as team,
        weights.weight,
        sum(weights.weight) over (partition by own_costs.billing_period_starts_on, own_costs.currency, own_costs.from_team) as total_weight,
        row_number() over (
            partition by own_costs.billing_period_starts_on, own_costs.currency, own_costs.from_team
            order by weights.weight desc, weights.to_team asc
        ) as place
    from own_costs
    left join weights
        on
            own_costs.billing_period_starts_on = weights.billing_period_starts_on
            and own_costs.currency = weights.currency
            and own_costs.from_team = weights.from_team
            and weights.weight > 0

),

{{ exact_parts('shares', 'billing_period_starts_on, currency, from_team') }}

select
    billing_period_starts_on,
    currency,
    cast(team as {{ text_type(128) }}) as team,
    cast(from_team as {{ text_type(128) }}) as from_team,
    cost_amount
from exact_parts
