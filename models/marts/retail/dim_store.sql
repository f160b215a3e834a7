{{ config(materialized='incremental', incremental_strategy='merge', unique_key='store_hk', dist='all', sort='store_hk') }}
-- Grain: one row per store, and one for the unknown store. The stream knows a store by its name alone.
with

stores as (

    select
        store_hk,
        coalesce(store_name, 'Unknown') as store_name,
        store_name is null as is_unknown
    from {{ ref('hub_store') }} as hub
    where {{ is_new_record(ref('hub_store'), 'hub') }}

)

select * from stores
