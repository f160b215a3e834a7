{{ config(materialized='incremental', incremental_strategy='merge', unique_key='product_hk', dist='product_hk', sort='product_hk') }}
-- Grain: one row per product, as the latest event names it, and one for the unknown product.
with

touched as (

    select product_hk
    from {{ ref('hub_product') }} as hub
    where {{ is_new_record(ref('hub_product'), 'hub') }}

    union

    select product_hk
    from {{ ref('sat_product') }} as satellite
    where {{ is_new_record(ref('sat_product'), 'satellite') }}

),

products as (

    select
        product_hk,
        product_id
    from {{ ref('hub_product') }}
    where product_hk in (select touched.product_hk from touched)

),

names as (

    {{ satellite_versions(
        ref('sat_product'), 'product_hk', ['product_name'], ['kafka_partition', 'kafka_offset'], keys='touched'
    ) }}

),

named as (

    select
        products.product_hk,
        coalesce(products.product_id, 'unknown') as product_id,
        coalesce(names.product_name, 'Unknown') as product_name,
        names.valid_from as name_valid_from,
        cast(coalesce(names.version_number, 0) as bigint) as name_count,
        products.product_id is null as is_unknown
    from products
    left join names
        on products.product_hk = names.product_hk and names.is_current

)

select * from named
