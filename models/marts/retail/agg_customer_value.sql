-- Grain: one row per customer, all identifiers that are stated to be one taken together.
with

same_customers as (

    select * from {{ ref('dim_same_customer') }}

),

identifiers as (

    select
        customers.*,
        coalesce(same_customers.master_customer_hk, customers.customer_hk) as master_customer_hk
    from {{ ref('dim_customer') }} as customers
    left join same_customers
        on customers.customer_hk = same_customers.customer_hk

),

order_lines as (

    select
        customer_hk,
        count(*) as order_lines,
        sum(line_amount) as ordered_amount
    from {{ ref('fct_orders') }}
    group by customer_hk

),

shop_orders as (

    select * from {{ ref('agg_customer_revenue') }}

),

customers as (

    select
        identifiers.master_customer_hk as customer_hk,
        max(case when identifiers.customer_hk = identifiers.master_customer_hk then identifiers.customer_id end) as customer_id,
        max(
            case when identifiers.customer_hk = identifiers.master_customer_hk then nullif(identifiers.customer_name, 'Unknown') end
        ) as master_name,
        max(case when identifiers.customer_system = 'CRM' then identifiers.customer_name end) as account_name,
        count(*) as identifiers,
        max(identifiers.annual_revenue) as annual_revenue,
        sum(coalesce(order_lines.order_lines, 0)) as order_lines,
        sum(order_lines.ordered_amount) as ordered_amount,
        sum(coalesce(shop_orders.orders, 0)) as shop_orders,
        sum(shop_orders.total_revenue_usd) as shop_revenue_usd
    from identifiers
    left join order_lines
        on identifiers.customer_hk = order_lines.customer_hk
    left join shop_orders
        on identifiers.customer_hk = shop_orders.customer_hk
    group by identifiers.master_customer_hk

)

select
    customer_hk,
    customer_id,
    coalesce(master_name, account_name, 'Unknown') as customer_name,
    cast(identifiers as bigint) as identifiers,
    cast(annual_revenue as decimal(18, 2)) as annual_revenue,
    cast(order_lines as bigint) as order_lines,
    cast(coalesce(ordered_amount, 0) as decimal(38, 4)) as ordered_amount,
    cast(shop_orders as bigint) as shop_orders,
    cast(coalesce(shop_revenue_usd, 0) as decimal(38, 2)) as shop_revenue_usd
from customers
