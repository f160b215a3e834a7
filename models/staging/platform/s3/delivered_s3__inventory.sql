{{ config(
    materialized='incremental',
    incremental_strategy='append',
    on_schema_change='append_new_columns',
    dist='even',
    sort='refresh_time',
    full_refresh=none if var('allow_full_refresh') else false,
    tags=['daily'],
) }}
-- Grain: one row per group of listed objects that landed (list, prefix, class and so on), with what became of it; objects says how many it is.
{%- set grain = [
    'landing_file', 'delivery', 'bucket_name', 'prefix', 'storage_class', 'access_tier', 'version_kind', 'encryption_status', 'age_class',
] %}
with

deliveries as (

    select
        landed.*,
        {{ digest(hash_text(grain)) | indent(8) }} as group_key,
        {{ to_date('replace(substring(delivery, 1, 10), \'/\', \'-\')') | indent(8) }} as inventory_on
    from {{ ref('copy_s3_inventory') }} as landed
    where {{ is_new_delivery('landed') }}

),

judged as (

    select
        deliveries.*,
        replace(landing_file, '{{ var('landing_root').rstrip('/') }}/', '') as inventory_path,
        case
            when delivery is null or not {{ matches_pattern('delivery', '^[0-9]{4}(-[0-9]{2}){4}$') }} or inventory_on is null
                then 'the file is in no delivery'
            when bucket_name = '' then 'the bucket is missing'
            when unreadable_objects > 0 then 'the key is missing'
            when size_bytes < 0 then 'the size is below zero'
        end as quarantine_reason
    from deliveries

),

settled as (

    {{ delivery_outcomes('judged', ['group_key'], ['refresh_time']) }}

)

select
    -- ids
    cast(group_key as {{ text_type(64) }}) as group_key,
    cast(split_part(inventory_path, '/', 3) as {{ text_type(256) }}) as configuration,
    cast(delivery as {{ text_type(32) }}) as delivery,
    bucket_name,
    prefix,
    -- text
    storage_class,
    access_tier,
    version_kind,
    encryption_status,
    age_class,
    -- numerics
    objects,
    size_bytes,
    small_objects,
    missing_small_bytes,
    marker_bytes,
    -- keys
    first_key,
    last_key,
    -- dates
    inventory_on,
    -- outcome
    cast(outcome as {{ text_type(16) }}) as outcome,
    cast(outcome_reason as {{ text_type(256) }}) as outcome_reason,
    -- load
    cast(landing_file as {{ text_type(1024) }}) as landing_file,
    cast(refresh_time as {{ timestamp_type() }}) as refresh_time,
    {{ load_columns() }}
from settled
