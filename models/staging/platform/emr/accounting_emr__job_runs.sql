{{ config(tags=['daily']) }}
-- Grain: one row per landing model and load.
{{ load_accounting(
    landing=ref('copy_emr_job_runs'),
    delivered=ref('delivered_emr__job_runs'),
) }}
