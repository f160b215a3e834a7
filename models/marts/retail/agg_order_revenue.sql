-- Grain: one row per order of the shop database; an order without items has no revenue, and is there.
with

orders as (

    select * from {{ ref('stg_aurora__orders') }}

),

items as (

    select
        order_id,
        count(*) as order_lines,
        sum(quantity * price) as total_revenue_usd
    from {{ ref('stg_aurora__order_items') }}
    group by order_id

)

select
    orders.order_id,
    orders.customer_id,
    orders.order_date as ordered_on,
    cast(coalesce(items.order_lines, 0) as bigint) as order_lines,
    cast(coalesce(items.total_revenue_usd, 0) as decimal(38, 2)) as total_revenue_usd
from orders
left join items
    on orders.order_id = items.order_id
