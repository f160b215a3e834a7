{{ config(tags=['daily']) }}
-- Grain: one row per bucket and prefix that inventories or access logs have named: its place in the tree, when it was there, and whose it was then.
with

seen as (

    select
        bucket_name,
        prefix,
        min(inventory_on) as first_seen_on,
        max(inventory_on) as last_seen_on
    from {{ ref('fct_s3_storage') }}
    group by bucket_name, prefix

    union all

    select
        bucket_name,
        prefix,
        min(requested_on) as first_seen_on,
        max(requested_on) as last_seen_on
    from {{ ref('fct_s3_requests') }}
    group by bucket_name, prefix

),

prefixes as (

    select
        bucket_name,
        prefix,
        min(first_seen_on) as first_seen_on,
        max(last_seen_on) as last_seen_on,
        -- whose it was when it was seen last; owners of each day are in fct_s3_cost_allocation
        max(last_seen_on) as usage_on
    from seen
    group by bucket_name, prefix

),

{{ s3_owners_of('prefixes') }}

select
    cast({{ digest(hash_text(['prefixes.bucket_name', 'prefixes.prefix'])) | indent(4) }} as {{ text_type(64) }}) as dim_s3_prefix_id,
    prefixes.bucket_name,
    prefixes.prefix,
    cast(
        length(prefixes.prefix) - length(replace(prefixes.prefix, '/', '')) as integer
    ) as depth,
    cast(coalesce({{ key_prefix('prefixes.prefix', 1) }}, '') as {{ text_type(1024) }}) as first_folder,
    cast(coalesce(owners.team, 'unowned') as {{ text_type(128) }}) as team,
    cast(coalesce(owners.cost_centre, 'unowned') as {{ text_type(128) }}) as cost_centre,
    cast(coalesce(owners.data_set, 'unowned') as {{ text_type(128) }}) as data_set,
    prefixes.first_seen_on,
    prefixes.last_seen_on
from prefixes
left join owners
    on prefixes.bucket_name = owners.bucket_name and prefixes.prefix = owners.prefix
