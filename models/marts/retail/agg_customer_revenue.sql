-- Grain: one row per customer of the shop database.
with

orders as (

    select * from {{ ref('agg_order_revenue') }}

),

customers as (

    select
        customer_id,
        count(*) as orders,
        sum(total_revenue_usd) as total_revenue_usd,
        max(ordered_on) as latest_ordered_on
    from orders
    group by customer_id

)

select
    {{ hash_key([{'column': 'customer_id', 'collision_code': 'shop'}]) | indent(4) }} as customer_hk,
    customer_id,
    cast(orders as bigint) as orders,
    cast(total_revenue_usd as decimal(38, 2)) as total_revenue_usd,
    latest_ordered_on
from customers
