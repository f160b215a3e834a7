{{ config(tags=['daily']) }}
-- Grain: one row per line that staging could not accept.
select
    outcome_reason as quarantine_reason,
    record_text,
    landing_file,
    refresh_time as arrived_at,
    loaded_at,
    load_id
from {{ ref('delivered_focus__line_items') }}
where outcome = 'quarantined'
