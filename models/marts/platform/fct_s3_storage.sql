{{ config(tags=['daily'], dist='even', sort='inventory_on') }}
-- Grain: one row per bucket, day with an inventory, prefix, storage class, access tier, kind of version, encryption and age: what was stored.
-- Of several listings of a bucket on one day the latest counts, of several configurations the one that lists most.
with

listed as (

    select * from {{ ref('stg_s3__inventory') }}

),

deliveries as (

    select
        bucket_name,
        inventory_on,
        configuration,
        delivery,
        sum(objects) as listed_objects
    from listed
    group by bucket_name, inventory_on, configuration, delivery

),

latest_deliveries as (

    select
        deliveries.*,
        row_number() over (partition by bucket_name, inventory_on, configuration order by delivery desc) as deliveries_back
    from deliveries

),

chosen_deliveries as (

    select
        latest_deliveries.*,
        row_number() over (partition by bucket_name, inventory_on order by listed_objects desc, configuration asc) as choice
    from latest_deliveries
    where deliveries_back = 1

)

select
    listed.bucket_name,
    listed.inventory_on,
    listed.prefix,
    listed.storage_class,
    listed.access_tier,
    listed.version_kind,
    listed.encryption_status,
    listed.age_class,
    listed.configuration,
    listed.delivery,
    cast(sum(listed.objects) as bigint) as objects,
    cast(sum(listed.size_bytes) as bigint) as size_bytes,
    cast(sum(listed.small_objects) as bigint) as small_objects,
    cast(sum(listed.missing_small_bytes) as bigint) as missing_small_bytes,
    cast(sum(listed.marker_bytes) as bigint) as marker_bytes
from listed
inner join chosen_deliveries
    on
        listed.bucket_name = chosen_deliveries.bucket_name
        and listed.configuration = chosen_deliveries.configuration
        and listed.delivery = chosen_deliveries.delivery
        and chosen_deliveries.choice = 1
group by
    listed.bucket_name,
    listed.inventory_on,
    listed.prefix,
    listed.storage_class,
    listed.access_tier,
    listed.version_kind,
    listed.encryption_status,
    listed.age_class,
    listed.configuration,
    listed.delivery
