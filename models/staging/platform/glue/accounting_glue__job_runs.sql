{{ config(tags=['daily']) }}
-- Grain: one row per landing model and load.
{{ load_accounting(
    landing=ref('copy_glue_job_runs'),
    delivered=ref('delivered_glue__job_runs'),
) }}
