-- Grain: one row per billing period and currency: the bill against the budget of s3_monthly_budgets; without one what the budget would say is null.
with

bills as (

    select
        billing_period_starts_on,
        currency,
        max(case when invoice_id <> '' then 0 else 1 end) as is_open,
        sum(cost_amount) as cost_amount
    from {{ ref('fct_s3_cost_allocation') }}
    group by billing_period_starts_on, currency

),

budgeted as (

    select
        bills.*,
        case currency
            {%- for currency, amount in s3_monthly_budgets().items() %}
            when {{ sql_literal(currency) }} then cast({{ amount }} as decimal(38, 4))
            {%- endfor %}
            when '' then cast(null as decimal(38, 4))
        end as budget_amount
    from bills

)

select
    billing_period_starts_on,
    currency,
    is_open,
    cost_amount,
    budget_amount,
    budget_amount - cost_amount as left_amount,
    cast(cost_amount as {{ float_type() }}) / cast(budget_amount as {{ float_type() }}) as budget_share
from budgeted
order by billing_period_starts_on, currency
