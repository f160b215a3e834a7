{{ config(tags=['daily']) }}
-- Grain: one row per document of a run that was landed, with what became of it.
{{ delivered_changes(
    feed='emr_job_runs',
    landings=[ref('copy_emr_job_runs')],
) }}
