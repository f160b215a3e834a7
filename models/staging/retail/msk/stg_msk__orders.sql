{{ config(materialized=staging_materialization(), tags=['near_real_time']) }}
-- Grain: one row per order event of the orders topic, each accepted once.
with

deliveries as (

    select * from {{ ref('delivered_msk__orders') }}

),

accepted as (

    select
        -- ids
        order_id,
        customer_id,
        product_id,
        store_name,
        -- text
        customer_name,
        product_name,
        order_status,
        -- numerics
        quantity,
        unit_price,
        -- timestamps
        ordered_at,
        event_at,
        refresh_time as arrived_at,
        -- position
        kafka_partition,
        kafka_offset,
        -- load
        loaded_at,
        load_id
    from deliveries
    where outcome = 'accepted'

)

select * from accepted
