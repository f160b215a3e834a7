{{ config(tags=['daily'], dist='even', sort='inventory_on') }}
-- Grain: one row per bucket, day with an inventory, prefix, driver, storage class and access tier: what of the driver the prefix had on that day.
-- storage_class and access_tier are '*' where all objects of the bucket count.
with

storage as (

    select * from {{ ref('fct_s3_storage') }}

),

-- what was there when the bucket was listed before, and is not there any more; current versions and older ones apart, for a list may leave out these
class_days as (

    select
        bucket_name,
        inventory_on,
        prefix,
        storage_class,
        case when version_kind = 'current' then 0 else 1 end as layer,
        max(configuration) as configuration,
        sum(size_bytes) as size_bytes
    from storage
    where version_kind <> 'delete marker'
    group by bucket_name, inventory_on, prefix, storage_class, case when version_kind = 'current' then 0 else 1 end

),

lists as (

    select * from {{ ref('agg_s3_inventory_lists') }}

),

-- a bucket that one configuration lists is covered on all days alike
listed_buckets as (

    select
        bucket_name,
        case when count(distinct configuration || case when is_declared then ':' || covered_prefix else '' end) = 1 then 1 else 0 end as has_one_list
    from lists
    group by bucket_name

),

following_days as (

    select
        bucket_name,
        inventory_on,
        lead(inventory_on) over (partition by bucket_name order by inventory_on) as next_inventory_on
    from (
        select distinct
            bucket_name,
            inventory_on
        from storage
    ) as inventory_days

),

-- elsewhere a prefix is compared where lists of both days cover it, or where the list that has it is followed by another of its configuration: less of
-- a bucket in its lists is no deletion
layers as (

    select 0 as layer
    union all
    select 1 as layer

),

prefix_days as (

    select
        class_days.bucket_name,
        class_days.inventory_on,
        class_days.prefix,
        following_days.next_inventory_on,
        max(class_days.configuration) as configuration
    from class_days
    inner join following_days
        on class_days.bucket_name = following_days.bucket_name and class_days.inventory_on = following_days.inventory_on
    inner join listed_buckets
        on class_days.bucket_name = listed_buckets.bucket_name
    where listed_buckets.has_one_list = 0 and following_days.next_inventory_on is not null
    group by class_days.bucket_name, class_days.inventory_on, class_days.prefix, following_days.next_inventory_on

),

compared as (

    select distinct
        prefix_days.bucket_name,
        prefix_days.inventory_on,
        prefix_days.next_inventory_on,
        prefix_days.prefix,
        layers.layer
    from prefix_days
    cross join layers
    inner join lists as own_lists
        on
            prefix_days.bucket_name = own_lists.bucket_name
            and prefix_days.inventory_on = own_lists.inventory_on
            and (layers.layer = 0 or own_lists.lists_versions)
            and (prefix_days.configuration = own_lists.configuration or {{ is_covered('prefix_days.prefix', 'own_lists.covered_prefix') }})
    inner join lists as next_lists
        on
            prefix_days.bucket_name = next_lists.bucket_name
            and prefix_days.next_inventory_on = next_lists.inventory_on
            and (layers.layer = 0 or next_lists.lists_versions)
            and (
                (
                    prefix_days.configuration = next_lists.configuration
                    and own_lists.configuration = next_lists.configuration
                    and own_lists.covered_prefix = next_lists.covered_prefix
                )
                or {{ is_covered('prefix_days.prefix', 'next_lists.covered_prefix') }}
            )

),

compared_sizes as (

    select
        class_days.bucket_name,
        following_days.next_inventory_on as inventory_on,
        class_days.prefix,
        class_days.storage_class,
        class_days.size_bytes
    from class_days
    inner join following_days
        on class_days.bucket_name = following_days.bucket_name and class_days.inventory_on = following_days.inventory_on
    inner join listed_buckets
        on class_days.bucket_name = listed_buckets.bucket_name
    left join compared
        on
            class_days.bucket_name = compared.bucket_name
            and class_days.inventory_on = compared.inventory_on
            and class_days.prefix = compared.prefix
            and class_days.layer = compared.layer
    where following_days.next_inventory_on is not null and (listed_buckets.has_one_list = 1 or compared.prefix is not null)

    union all

    select
        class_days.bucket_name,
        class_days.inventory_on,
        class_days.prefix,
        class_days.storage_class,
        -class_days.size_bytes as size_bytes
    from class_days
    inner join listed_buckets
        on class_days.bucket_name = listed_buckets.bucket_name
    left join compared
        on
            class_days.bucket_name = compared.bucket_name
            and class_days.inventory_on = compared.next_inventory_on
            and class_days.prefix = compared.prefix
            and class_days.layer = compared.layer
    where listed_buckets.has_one_list = 1 or compared.prefix is not null

),

vanished as (

    select
        bucket_name,
        inventory_on,
        prefix,
        storage_class,
        sum(size_bytes) as size_bytes
    from compared_sizes
    group by bucket_name, inventory_on, prefix, storage_class

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
