{{ config(tags=['workflows', 'daily']) }}
-- Grain: one row per document of a launch of a workflow that was landed, with what became of it.
{{ delivered_changes(
    feed='workflows_launches',
    landings=[ref('copy_workflow_launches')],
) }}
