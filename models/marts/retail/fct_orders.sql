{{ config(
    materialized='incremental',
    incremental_strategy='merge',
    unique_key='order_line_hk',
    dist='order_line_hk',
    sort='ordered_on',
) }}
-- Grain: one row per order line (order and product), with its current state and when it first reached each status.
with

touched_orders as (

    select order_hk
    from {{ ref('sat_order') }} as satellite
    where {{ is_new_record(ref('sat_order'), 'satellite') }}

),

touched as (

    select order_line_hk
    from {{ ref('link_order_line') }} as link
    where {{ is_new_record(ref('link_order_line'), 'link') }}

    union

    select order_line_hk
    from {{ ref('sat_order_line') }} as satellite
    where {{ is_new_record(ref('sat_order_line'), 'satellite') }}

    union

    select order_line_hk
    from {{ ref('sat_order_line_status') }} as satellite
    where {{ is_new_record(ref('sat_order_line_status'), 'satellite') }}

    union

    select order_line_hk
    from {{ ref('link_order_line') }}
    where order_hk in (select touched_orders.order_hk from touched_orders)

),

order_lines as (

    select
        order_line_hk,
        order_hk,
        product_hk
    from {{ ref('link_order_line') }}
    where order_line_hk in (select touched.order_line_hk from touched)

),

orders_of_lines as (

    select distinct order_hk from order_lines

),

order_ids as (

    select
        order_hk,
        order_id
    from {{ ref('hub_order') }}
    where order_hk in (select orders_of_lines.order_hk from orders_of_lines)

),

placements as (

    {{ satellite_versions(
        ref('sat_order'), 'order_hk', ['customer_id', 'store_name', 'ordered_at'], ['kafka_partition', 'kafka_offset'],
        keys='orders_of_lines'
    ) }}

),

amounts as (

    {{ satellite_versions(
        ref('sat_order_line'), 'order_line_hk', ['quantity', 'unit_price'], ['kafka_partition', 'kafka_offset'],
        keys='touched'
    ) }}

),

statuses as (

    {{ satellite_versions(
        ref('sat_order_line_status'), 'order_line_hk', ['order_status'], ['kafka_partition', 'kafka_offset'],
        keys='touched'
    ) }}

),

status_summaries as (

    select
        order_line_hk,
        max(case when is_current then order_status end) as current_status,
        max(case when is_current then valid_from end) as current_status_at,
        {{ milestones('order_status', 'valid_from', {
            'initiated_at': 'Initiated',
            'confirmed_at': 'Confirmed',
            'shipped_at': 'Shipped',
            'delivered_at': 'Delivered',
            'cancelled_at': 'Cancelled',
        }) }},
        cast(max(version_number) as bigint) as status_count
    from statuses
    group by order_line_hk

),

joined as (

    select
        -- ids
        order_lines.order_line_hk,
        order_ids.order_id,
        order_lines.product_hk,
        {{ hash_key(['placements.customer_id']) | indent(8) }} as customer_hk,
        {{ hash_key(['placements.store_name']) | indent(8) }} as store_hk,
        -- numerics
        amounts.quantity,
        amounts.unit_price,
        cast(amounts.quantity * amounts.unit_price as decimal(38, 4)) as line_amount,
        -- status
        status_summaries.current_status,
        status_summaries.current_status_at,
        status_summaries.status_count,
        -- timestamps
        placements.ordered_at,
        coalesce(cast(placements.ordered_at as date), cast('1900-01-01' as date)) as ordered_on,
        status_summaries.initiated_at,
        status_summaries.confirmed_at,
        status_summaries.shipped_at,
        status_summaries.delivered_at,
        status_summaries.cancelled_at
    from order_lines
    left join order_ids
        on order_lines.order_hk = order_ids.order_hk
    left join placements
        on order_lines.order_hk = placements.order_hk and placements.is_current
    left join amounts
        on order_lines.order_line_hk = amounts.order_line_hk and amounts.is_current
    left join status_summaries
        on order_lines.order_line_hk = status_summaries.order_line_hk

)

select * from joined
