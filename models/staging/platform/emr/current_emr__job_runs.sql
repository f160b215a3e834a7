{{ config(tags=['daily']) }}
-- Grain: one row per run as it is known now.
{{ current_state(
    feed='emr_job_runs',
    history=ref('history_emr__job_runs'),
) }}
