{{ config(tags=['daily'], dist='even', sort='inventory_on') }}
-- Grain: one row per bucket, day with an inventory, prefix, storage class, access tier, kind of version, encryption and age: what was stored.
-- Configurations of a bucket are merged by what they cover, and nothing counts twice: current versions and older ones of a prefix each come from the
-- nearest list that covers all of the prefix, of several on one day from the widest; where none covers all of it, from the lists of its parts.
with

listed as (

    select
        staged.*,
        case when version_kind = 'current' then 0 else 1 end as layer
    from {{ ref('stg_s3__inventory') }} as staged

),

lists as (

    select * from {{ ref('agg_s3_inventory_lists') }}

),

-- what several lists of a bucket say of one day
parts as (

    select
        lists.bucket_name,
        lists.inventory_on,
        lists.configuration,
        listed.prefix,
        listed.layer,
        sum(listed.objects) as objects
    from lists
    inner join listed
        on
            lists.bucket_name = listed.bucket_name
            and lists.configuration = listed.configuration
            and lists.delivery = listed.delivery
    where lists.lists > 1
    group by lists.bucket_name, lists.inventory_on, lists.configuration, listed.prefix, listed.layer

),

places as (

    select distinct
        bucket_name,
        inventory_on,
        prefix,
        layer
    from parts

),

-- a list covers a prefix where the prefix lies in what it covers; it may have nothing of it, which says that there is nothing
candidates as (

    select
        places.bucket_name,
        places.inventory_on,
        places.prefix,
        places.layer,
        lists.configuration,
        lists.covered_prefix,
        lists.days_off,
        lists.lists_versions,
        lists.listed_objects,
        case when {{ is_covered('places.prefix', 'lists.covered_prefix') }} then 1 else 0 end as is_whole
    from places
    inner join lists
        on places.bucket_name = lists.bucket_name and places.inventory_on = lists.inventory_on
    left join parts
        on
            places.bucket_name = parts.bucket_name
            and places.inventory_on = parts.inventory_on
            and places.prefix = parts.prefix
            and places.layer = parts.layer
            and lists.configuration = parts.configuration
    where
        (places.layer = 0 or lists.lists_versions)
        and (parts.objects is not null or {{ is_covered('places.prefix', 'lists.covered_prefix') }})

),

ranked as (

    select
        candidates.*,
        row_number() over (
            partition by bucket_name, inventory_on, prefix, layer
            order by is_whole desc, days_off asc, case when lists_versions then 0 else 1 end asc, listed_objects desc, configuration asc
        ) as place,
        max(is_whole) over (partition by bucket_name, inventory_on, prefix, layer) as has_whole
    from candidates

),

-- of parts one within another the wider counts
chosen as (

    select
        own.bucket_name,
        own.inventory_on,
        own.prefix,
        own.layer,
        own.configuration
    from ranked as own
    left join ranked as wider
        on
            own.bucket_name = wider.bucket_name
            and own.inventory_on = wider.inventory_on
            and own.prefix = wider.prefix
            and own.layer = wider.layer
            and own.has_whole = 0
            and own.configuration <> wider.configuration
            and substring(own.covered_prefix, 1, length(wider.covered_prefix)) = wider.covered_prefix
            and (own.covered_prefix <> wider.covered_prefix or own.place > wider.place)
    where (own.has_whole = 1 and own.place = 1) or (own.has_whole = 0 and wider.configuration is null)

),

counted as (

    select
        lists.bucket_name,
        lists.inventory_on,
        lists.configuration,
        lists.delivery,
        listed.prefix,
        listed.storage_class,
        listed.access_tier,
        listed.version_kind,
        listed.encryption_status,
        listed.age_class,
        listed.objects,
        listed.size_bytes,
        listed.small_objects,
        listed.missing_small_bytes,
        listed.marker_bytes
    from lists
    inner join listed
        on
            lists.bucket_name = listed.bucket_name
            and lists.configuration = listed.configuration
            and lists.delivery = listed.delivery
    left join chosen
        on
            lists.bucket_name = chosen.bucket_name
            and lists.inventory_on = chosen.inventory_on
            and lists.configuration = chosen.configuration
            and listed.prefix = chosen.prefix
            and listed.layer = chosen.layer
    where lists.lists = 1 or chosen.configuration is not null

)

select
    bucket_name,
    inventory_on,
    prefix,
    storage_class,
    access_tier,
    version_kind,
    encryption_status,
    age_class,
    max(configuration) as configuration,
    max(delivery) as delivery,
    cast(sum(objects) as bigint) as objects,
    cast(sum(size_bytes) as bigint) as size_bytes,
    cast(sum(small_objects) as bigint) as small_objects,
    cast(sum(missing_small_bytes) as bigint) as missing_small_bytes,
    cast(sum(marker_bytes) as bigint) as marker_bytes
from counted
group by
    bucket_name,
    inventory_on,
    prefix,
    storage_class,
    access_tier,
    version_kind,
    encryption_status,
    age_class
