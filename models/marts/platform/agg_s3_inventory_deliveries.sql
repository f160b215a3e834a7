{{ config(
    materialized='incremental',
    incremental_strategy='merge',
    unique_key=['bucket_name', 'inventory_on', 'configuration', 'delivery'],
    dist='all',
    sort='inventory_on',
    tags=['daily'],
) }}
-- Grain: one row per list of an inventory that has landed: bucket, day, configuration and delivery. A load reads the lists with new records.
with

touched as (

    select distinct
        bucket_name,
        inventory_on,
        configuration,
        delivery
    from {{ ref('stg_s3__inventory') }} as staged
    where {{ is_new_record(ref('stg_s3__inventory'), 'staged') }}

),

touched_days as (

    select distinct inventory_on from touched

)

select
    staged.bucket_name,
    staged.inventory_on,
    staged.configuration,
    staged.delivery,
    cast(sum(staged.objects) as bigint) as listed_objects,
    cast(
        min(coalesce(staged.first_key, case when staged.prefix = '(root)' then '' else staged.prefix end)) as {{ text_type(1024) }}
    ) as first_key,
    cast(
        max(coalesce(staged.last_key, case when staged.prefix = '(root)' then '' else staged.prefix end)) as {{ text_type(1024) }}
    ) as last_key,
    max(case when staged.version_kind = 'current' then 0 else 1 end) = 1 as lists_versions,
    max(staged.loaded_at) as loaded_at
from {{ ref('stg_s3__inventory') }} as staged
inner join touched
    on
        staged.bucket_name = touched.bucket_name
        and staged.inventory_on = touched.inventory_on
        and staged.configuration = touched.configuration
        and staged.delivery = touched.delivery
-- said twice, so that an engine looks at these days alone
where staged.inventory_on in (select touched_days.inventory_on from touched_days)
group by staged.bucket_name, staged.inventory_on, staged.configuration, staged.delivery
