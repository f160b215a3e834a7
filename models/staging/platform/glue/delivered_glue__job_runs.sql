{{ config(tags=['daily']) }}
-- Grain: one row per document of a run that was landed, with what became of it.
{{ delivered_changes(
    feed='glue_job_runs',
    landings=[ref('copy_glue_job_runs')],
) }}
