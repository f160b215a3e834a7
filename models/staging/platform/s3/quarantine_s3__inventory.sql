{{ config(tags=['daily']) }}
-- Grain: one row per group of listed objects that staging could not accept.
select
    group_key,
    outcome_reason as quarantine_reason,
    bucket_name,
    prefix,
    delivery,
    objects,
    landing_file,
    refresh_time as arrived_at,
    loaded_at,
    load_id
from {{ ref('delivered_s3__inventory') }}
where outcome = 'quarantined'
