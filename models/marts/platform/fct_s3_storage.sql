{%- set keys = [
    'bucket_name', 'inventory_on', 'prefix', 'storage_class', 'access_tier', 'version_kind', 'encryption_status', 'age_class',
] -%}
{%- set measures = ['configuration', 'delivery', 'objects', 'size_bytes', 'small_objects', 'missing_small_bytes', 'marker_bytes'] -%}
{{ config(
    materialized='incremental',
    incremental_strategy=current_state_strategy(),
    unique_key=keys,
    meta={'removal_flag': 'is_removed'},
    dist='even',
    sort='inventory_on',
    tags=['daily'],
) }}
{%- do current_state_conditions('is_removed') %}
-- Grain: one row per bucket, day with an inventory, prefix, storage class, access tier, kind of version, encryption and age: what was stored.
-- Configurations of a bucket are merged by what they cover, and nothing counts twice: current versions and older ones of a prefix each come from the
-- nearest list that covers all of the prefix, of several on one day from the widest; where none covers all of it, from the lists of its parts.
-- A load works out the days on which another list counts, or covers something else.
with

lists as (

    select *
    from {{ ref('agg_s3_inventory_lists') }} as all_lists
    where {{ is_new_record(ref('agg_s3_inventory_lists'), 'all_lists') }}

),

list_rows as (

    select
        lists.bucket_name,
        lists.inventory_on,
        lists.configuration,
        lists.delivery,
        lists.lists,
        listed.prefix,
        listed.storage_class,
        listed.access_tier,
        listed.version_kind,
        case when listed.version_kind = 'current' then 0 else 1 end as layer,
        listed.encryption_status,
        listed.age_class,
        listed.objects,
        listed.size_bytes,
        listed.small_objects,
        listed.missing_small_bytes,
        listed.marker_bytes
    from lists
    inner join {{ ref('stg_s3__inventory') }} as listed
        on
            lists.bucket_name = listed.bucket_name
            and lists.listed_on = listed.inventory_on
            and lists.configuration = listed.configuration
            and lists.delivery = listed.delivery

),

-- what several lists of a bucket say of one day
parts as (

    select
        bucket_name,
        inventory_on,
        configuration,
        prefix,
        layer,
        sum(objects) as objects
    from list_rows
    where lists > 1
    group by bucket_name, inventory_on, configuration, prefix, layer

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
        list_rows.bucket_name,
        list_rows.inventory_on,
        list_rows.prefix,
        list_rows.storage_class,
        list_rows.access_tier,
        list_rows.version_kind,
        list_rows.encryption_status,
        list_rows.age_class,
        max(list_rows.configuration) as configuration,
        max(list_rows.delivery) as delivery,
        cast(sum(list_rows.objects) as bigint) as objects,
        cast(sum(list_rows.size_bytes) as bigint) as size_bytes,
        cast(sum(list_rows.small_objects) as bigint) as small_objects,
        cast(sum(list_rows.missing_small_bytes) as bigint) as missing_small_bytes,
        cast(sum(list_rows.marker_bytes) as bigint) as marker_bytes
    from list_rows
    left join chosen
        on
            list_rows.bucket_name = chosen.bucket_name
            and list_rows.inventory_on = chosen.inventory_on
            and list_rows.configuration = chosen.configuration
            and list_rows.prefix = chosen.prefix
            and list_rows.layer = chosen.layer
    where list_rows.lists = 1 or chosen.configuration is not null
    group by
        list_rows.bucket_name,
        list_rows.inventory_on,
        list_rows.prefix,
        list_rows.storage_class,
        list_rows.access_tier,
        list_rows.version_kind,
        list_rows.encryption_status,
        list_rows.age_class

)
{%- if is_incremental() %},

touched_days as (

    select distinct
        bucket_name,
        inventory_on
    from lists

)
{%- endif %}
{{- replace_days('counted', 'touched_days', keys, measures) }}
