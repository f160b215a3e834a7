{{ config(tags=['daily'], dist='even', sort='inventory_on') }}
-- Grain: one row per bucket, day with an inventory, prefix, driver, storage class and access tier: what of the driver the prefix had on that day.
-- storage_class and access_tier are '*' where all objects of the bucket count.
with

storage as (

    select * from {{ ref('fct_s3_storage') }}

),

-- an archived object has 32 KiB of index in its class, and 8 KiB of name at the rate of STANDARD; a delete marker is charged for its key
weights as (

    select
        bucket_name,
        inventory_on,
        prefix,
        'stored bytes' as driver,
        storage_class,
        access_tier,
        size_bytes + case when {{ is_archived('storage_class', 'access_tier') }} then 32768 * objects else 0 end as weight
    from storage
    where version_kind <> 'delete marker'

    union all

    select
        bucket_name,
        inventory_on,
        prefix,
        'stored bytes' as driver,
        'STANDARD' as storage_class,
        '' as access_tier,
        marker_bytes + case when {{ is_archived('storage_class', 'access_tier') }} then 8192 * objects else 0 end as weight
    from storage

    union all

    select
        bucket_name,
        inventory_on,
        prefix,
        'stored bytes' as driver,
        '*' as storage_class,
        '*' as access_tier,
        size_bytes as weight
    from storage

    union all

    select
        bucket_name,
        inventory_on,
        prefix,
        'objects' as driver,
        '*' as storage_class,
        '*' as access_tier,
        objects as weight
    from storage

    union all

    select
        bucket_name,
        inventory_on,
        prefix,
        'small-object bytes' as driver,
        storage_class,
        access_tier,
        missing_small_bytes as weight
    from storage

    union all

    -- objects below 128 KiB are not watched
    select
        bucket_name,
        inventory_on,
        prefix,
        'monitored objects' as driver,
        storage_class,
        '*' as access_tier,
        objects - small_objects as weight
    from storage
    where storage_class = 'INTELLIGENT_TIERING' and version_kind <> 'delete marker'

)

select
    bucket_name,
    inventory_on,
    prefix,
    cast(driver as {{ text_type(32) }}) as driver,
    cast(storage_class as {{ text_type(64) }}) as storage_class,
    cast(access_tier as {{ text_type(64) }}) as access_tier,
    cast(sum(weight) as bigint) as weight
from weights
where weight > 0
group by bucket_name, inventory_on, prefix, driver, storage_class, access_tier
