{%- set keys = ['bucket_name', 'inventory_on', 'prefix', 'driver', 'storage_class', 'access_tier'] -%}
{{ config(
    materialized=many_stages_materialization(),
    incremental_strategy=current_state_strategy(),
    unique_key=keys,
    meta={'removal_flag': 'is_removed'},
    dist='even',
    sort='inventory_on',
    tags=['daily'],
) }}
{%- do current_state_conditions('is_removed') %}
-- Grain: one row per bucket, day with an inventory, prefix, driver, storage class and access tier: what of the driver the prefix had on that day.
-- storage_class and access_tier are '*' where all objects of the bucket count. A load works out the days that fct_s3_storage has worked out since the
-- last one, and the days behind them: what vanished is what the list before had more of.
with

lists as (

    select * from {{ ref('agg_s3_inventory_lists') }}

),

new_days as (

    select distinct
        bucket_name,
        inventory_on
    from lists
    where {{ was_read_since(ref('agg_s3_inventory_lists'), 'fct_s3_storage', 'lists') }}

),

listed_days as (

    select
        days.bucket_name,
        days.inventory_on,
        days.has_one_list,
        lag(days.inventory_on) over (partition by days.bucket_name order by days.inventory_on) as inventory_before_on
    from (
        select distinct
            bucket_name,
            inventory_on,
            case when has_one_list then 1 else 0 end as has_one_list
        from lists
    ) as days

),

touched_days as (

    select
        listed_days.bucket_name,
        listed_days.inventory_on,
        listed_days.inventory_before_on,
        listed_days.has_one_list
    from listed_days
    left join new_days
        on listed_days.bucket_name = new_days.bucket_name and listed_days.inventory_on = new_days.inventory_on
    left join new_days as new_days_before
        on listed_days.bucket_name = new_days_before.bucket_name and listed_days.inventory_before_on = new_days_before.inventory_on
    where coalesce(new_days.bucket_name, new_days_before.bucket_name) is not null

),

following_days as (

    select
        bucket_name,
        inventory_before_on as inventory_on,
        inventory_on as next_inventory_on,
        has_one_list
    from touched_days
    where inventory_before_on is not null

),

read_days as (

    select
        bucket_name,
        inventory_on
    from touched_days

    union

    select
        bucket_name,
        inventory_on
    from following_days

),

storage as (

    select kept.*
    from {{ ref('fct_s3_storage') }} as kept
    inner join touched_days
        on kept.bucket_name = touched_days.bucket_name and kept.inventory_on = touched_days.inventory_on

),

-- what was there when the bucket was listed before, and is not there any more; current versions and older ones apart, for a list may leave out these
class_days as (

    select
        kept.bucket_name,
        kept.inventory_on,
        kept.prefix,
        kept.storage_class,
        case when kept.version_kind = 'current' then 0 else 1 end as layer,
        max(kept.configuration) as configuration,
        sum(kept.size_bytes) as size_bytes
    from {{ ref('fct_s3_storage') }} as kept
    inner join read_days
        on kept.bucket_name = read_days.bucket_name and kept.inventory_on = read_days.inventory_on
    where kept.version_kind <> 'delete marker'
    group by
        kept.bucket_name,
        kept.inventory_on,
        kept.prefix,
        kept.storage_class,
        case when kept.version_kind = 'current' then 0 else 1 end

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
    where following_days.has_one_list = 0
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
    left join compared
        on
            class_days.bucket_name = compared.bucket_name
            and class_days.inventory_on = compared.inventory_on
            and class_days.prefix = compared.prefix
            and class_days.layer = compared.layer
    where following_days.has_one_list = 1 or compared.prefix is not null

    union all

    select
        class_days.bucket_name,
        class_days.inventory_on,
        class_days.prefix,
        class_days.storage_class,
        -class_days.size_bytes as size_bytes
    from class_days
    inner join following_days
        on class_days.bucket_name = following_days.bucket_name and class_days.inventory_on = following_days.next_inventory_on
    left join compared
        on
            class_days.bucket_name = compared.bucket_name
            and class_days.inventory_on = compared.next_inventory_on
            and class_days.prefix = compared.prefix
            and class_days.layer = compared.layer
    where following_days.has_one_list = 1 or compared.prefix is not null

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

),

weighed as (

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

)
{{- replace_days('weighed', 'touched_days', keys, ['weight']) }}
