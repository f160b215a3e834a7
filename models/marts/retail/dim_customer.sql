{{ config(materialized='incremental', incremental_strategy='merge', unique_key='customer_hk', dist='customer_hk', sort='customer_hk') }}
-- Grain: one row per identifier of a customer in a system, as its latest records have it, and one for the unknown customer.
with

touched as (

    select customer_hk
    from {{ ref('hub_customer') }} as hub
    where {{ is_new_record(ref('hub_customer'), 'hub') }}

    union

    select customer_hk
    from {{ ref('sat_customer') }} as satellite
    where {{ is_new_record(ref('sat_customer'), 'satellite') }}

    union

    select customer_hk
    from {{ ref('sat_customer_account') }} as satellite
    where {{ is_new_record(ref('sat_customer_account'), 'satellite') }}

    union

    select customer_hk
    from {{ ref('sat_customer_account_status') }} as satellite
    where {{ is_new_record(ref('sat_customer_account_status'), 'satellite') }}

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

accounts as (

    {{ satellite_versions(
        ref('sat_customer_account'), 'customer_hk', ['account_name', 'account_type', 'annual_revenue', 'is_active'], ['change_order'],
        keys='touched'
    ) }}

),

account_statuses as (

    {{ satellite_versions(
        ref('sat_customer_account_status'), 'customer_hk', ['is_deleted'], ['change_order'], keys='touched'
    ) }}

),

described as (

    select
        customers.customer_hk,
        coalesce(customers.customer_id, 'unknown') as customer_id,
        case
            when customers.customer_id like 'crm:%' then 'CRM'
            when customers.customer_id like 'shop:%' then 'shop database'
            when customers.customer_id is not null then 'orders'
        end as customer_system,
        coalesce(names.customer_name, accounts.account_name, 'Unknown') as customer_name,
        coalesce(names.valid_from, accounts.valid_from) as name_valid_from,
        cast(coalesce(names.version_number, 0) as bigint) as name_count,
        accounts.account_type,
        accounts.annual_revenue,
        accounts.is_active as is_account_active,
        account_statuses.is_deleted as is_account_deleted,
        customers.customer_id is null as is_unknown
    from customers
    left join names
        on customers.customer_hk = names.customer_hk and names.is_current
    left join accounts
        on customers.customer_hk = accounts.customer_hk and accounts.is_current
    left join account_statuses
        on customers.customer_hk = account_statuses.customer_hk and account_statuses.is_current

)

select * from described
