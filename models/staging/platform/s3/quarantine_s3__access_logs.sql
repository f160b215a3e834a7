{{ config(tags=['daily']) }}
-- Grain: one row per group of logged requests that staging could not accept.
select
    group_key,
    outcome_reason as quarantine_reason,
    record_text,
    requests,
    landing_file,
    refresh_time as arrived_at,
    loaded_at,
    load_id
from {{ ref('delivered_s3__access_logs') }}
where outcome = 'quarantined'
