{{ config(materialized=staging_materialization(), tags=['daily']) }}
-- Grain: one row per accepted group of listed objects: delivery, file, prefix, class and so on.
select
    group_key,
    configuration,
    delivery,
    bucket_name,
    prefix,
    storage_class,
    access_tier,
    version_kind,
    encryption_status,
    age_class,
    objects,
    size_bytes,
    small_objects,
    missing_small_bytes,
    marker_bytes,
    first_key,
    last_key,
    inventory_on,
    refresh_time as arrived_at,
    loaded_at,
    load_id
from {{ ref('delivered_s3__inventory') }}
where outcome = 'accepted'
