{{ config(materialized=staging_materialization(), tags=['daily']) }}
-- Grain: one row per accepted group of logged requests: file, bucket, day, prefix, operation, requester and whether it is billed.
select
    group_key,
    bucket_name,
    prefix,
    operation,
    requester,
    is_billed,
    requests,
    bytes_sent,
    requested_on,
    refresh_time as arrived_at,
    loaded_at,
    load_id
from {{ ref('delivered_s3__access_logs') }}
where outcome = 'accepted'
