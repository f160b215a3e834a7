{{ config(tags=['daily']) }}
-- Grain: one row per state of a run that was landed, each accepted once.
{{ accepted_changes(
    feed='emr_job_runs',
    delivered=ref('delivered_emr__job_runs'),
) }}
