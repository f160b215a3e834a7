{{ config(tags=['daily']) }}
-- Grain: one row per run as it is known now.
{{ current_state(
    feed='glue_job_runs',
    history=ref('history_glue__job_runs'),
) }}
