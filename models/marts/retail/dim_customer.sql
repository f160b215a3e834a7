{{ config(materialized='incremental', incremental_strategy='merge', unique_key='customer_hk', dist='customer_hk', sort='customer_hk') }}
-- Grain: one row per customer, as the latest event names them, and one for the unknown customer.
with

touched as (

    select customer_hk
    from {{ ref('hub_customer') }} as hub
    where {{ is_new_record(ref('hub_customer'), 'hub') }}

    union

    select customer_hk
    from {{ ref('sat_customer') }} as satellite
    where {{ is_new_record(ref('sat_customer'), 'satellite') }}

),

customers as (

    select
        customer_hk,
        customer_id
    from {{ ref('hub_customer') }}
    where customer_hk in (select touched.customer_hk from touched)

),

names as (

    {{ satellite_versions(
        ref('sat_customer'), 'customer_hk', ['customer_name'], ['kafka_partition', 'kafka_offset'], keys='touched'
    ) }}

),

named as (

    select
        customers.customer_hk,
        coalesce(customers.customer_id, 'unknown') as customer_id,
        coalesce(names.customer_name, 'Unknown') as customer_name,
        names.valid_from as name_valid_from,
        cast(coalesce(names.version_number, 0) as bigint) as name_count,
        customers.customer_id is null as is_unknown
    from customers
    left join names
        on customers.customer_hk = names.customer_hk and names.is_current

)

select * from named
