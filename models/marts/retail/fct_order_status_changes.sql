{{ config(materialized='view') }}
-- Grain: one row per status that an order line took, in event order. A view: a late event can take a row away again.
with

statuses as (

    {{ satellite_versions(
        ref('sat_order_line_status'), 'order_line_hk', ['order_status'], ['kafka_partition', 'kafka_offset']
    ) }}

),

order_lines as (

    select * from {{ ref('link_order_line') }}

),

orders as (

    select * from {{ ref('hub_order') }}

),

changes as (

    select
        statuses.order_line_hk,
        orders.order_id,
        order_lines.product_hk,
        cast(statuses.version_number as bigint) as status_number,
        statuses.order_status,
        statuses.valid_from,
        statuses.valid_to,
        statuses.is_current,
        {{ elapsed_minutes('statuses.valid_from', 'statuses.valid_to') }} as minutes_in_status
    from statuses
    inner join order_lines
        on statuses.order_line_hk = order_lines.order_line_hk
    inner join orders
        on order_lines.order_hk = orders.order_hk

)

select * from changes
