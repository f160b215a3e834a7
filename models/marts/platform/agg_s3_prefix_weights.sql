{{ config(tags=['daily'], dist='even', sort='inventory_on') }}
-- Grain: one row per bucket, day with an inventory, prefix, driver, storage class and access tier: what of the driver the prefix had on that day.
-- storage_class and access_tier are '*' where all objects of the bucket count.
with

storage as (

    select * from {{ ref('fct_s3_storage') }}

),

-- what was there when the bucket was listed before, and is not there any more
class_days as (

    select
        bucket_name,
        inventory_on,
        prefix,
        storage_class,
        sum(size_bytes) as size_bytes
    from storage
    where version_kind <> 'delete marker'
    group by bucket_name, inventory_on, prefix, storage_class

),

inventory_days as (

    select distinct
        bucket_name,
        inventory_on
    from storage

),

following_days as (

    select
        bucket_name,
        inventory_on,
        lead(inventory_on) over (partition by bucket_name order by inventory_on) as next_inventory_on
    from inventory_days

),

vanished as (

    select
        class_days.bucket_name,
        following_days.next_inventory_on as inventory_on,
        class_days.prefix,
        class_days.storage_class,
        class_days.size_bytes - coalesce(next_days.size_bytes, 0) as size_bytes
    from class_days
    inner join following_days
        on class_days.bucket_name = following_days.bucket_name and class_days.inventory_on = following_days.inventory_on
    left join class_days as next_days
        on
            following_days.bucket_name = next_days.bucket_name
            and following_days.next_inventory_on = next_days.inventory_on
            and class_days.prefix = next_days.prefix
            and class_days.storage_class = next_days.storage_class
    where following_days.next_inventory_on is not null

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

    union all

    select
        bucket_name,
        inventory_on,
        prefix,
        'vanished bytes' as driver,
        storage_class,
        '*' as access_tier,
        size_bytes as weight
    from vanished

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
