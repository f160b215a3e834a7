-- Grain: one row per currency, bucket and prefix, the fifty dearest of the last month first, at the depth of the variable s3_report_depth; and one per
-- currency for all the rest, keys above that depth included. Rows of a currency add up to its bill.
with

last_month as (

    select
        prefix_costs.*,
        max(billing_period_starts_on) over () as last_period_starts_on
    from {{ ref('agg_s3_prefix_costs') }} as prefix_costs

),

costs as (

    select
        last_month.*,
        row_number() over (partition by currency, depth order by cost_amount desc, bucket_name asc, prefix asc) as place
    from last_month
    where billing_period_starts_on = last_period_starts_on and depth in (0, {{ var('s3_report_depth', 2) }})

),

rows_of_bill as (

    select
        billing_period_starts_on,
        currency,
        place,
        bucket_name,
        prefix,
        storage_cost,
        requests_cost,
        transfer_cost,
        cost_amount
    from costs
    where depth = {{ var('s3_report_depth', 2) }} and place <= 50

    union all

    select
        billing_period_starts_on,
        currency,
        51 as place,
        '(other)' as bucket_name,
        '(other)' as prefix,
        {%- for name in ['storage_cost', 'requests_cost', 'transfer_cost', 'cost_amount'] %}
        sum(case
            when depth = 0 then {{ name }}
            when place <= 50 then -{{ name }}
            else 0
        end) as {{ name }}{{ ',' if not loop.last }}
        {%- endfor %}
    from costs
    group by billing_period_starts_on, currency

)

select * from rows_of_bill
order by currency, place
