-- Row conservation: each order line of the vault is one row of the fact, and the fact has no others.
with

order_lines as (

    select * from {{ ref('link_order_line') }}

),

orders as (

    select * from {{ ref('fct_orders') }}

)

select
    order_lines.order_line_hk as vault_order_line_hk,
    orders.order_line_hk as mart_order_line_hk
from order_lines
full outer join orders
    on order_lines.order_line_hk = orders.order_line_hk
where order_lines.order_line_hk is null or orders.order_line_hk is null
