{{ config(tags=['workflows', 'daily']) }}
-- Grain: one row per landing model and load.
{{ load_accounting(
    landing=ref('copy_workflow_launches'),
    delivered=ref('delivered_workflows__launches'),
) }}
