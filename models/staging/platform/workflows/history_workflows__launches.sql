{{ config(tags=['workflows', 'daily']) }}
-- Grain: one row per state of a launch of a workflow, with the time it was the last one known.
{{ change_history(
    feed='workflows_launches',
    changes=ref('stg_workflows__launches'),
) }}
