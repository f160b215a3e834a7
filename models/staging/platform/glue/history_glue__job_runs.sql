{{ config(tags=['daily']) }}
-- Grain: one row per state of a run, with the time it was the last one known.
{{ change_history(
    feed='glue_job_runs',
    changes=ref('stg_glue__job_runs'),
) }}
