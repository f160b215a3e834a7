{{ config(tags=['workflows', 'daily']) }}
-- Grain: one row per state of a launch of a workflow that was landed, each accepted once.
{{ accepted_changes(
    feed='workflows_launches',
    delivered=ref('delivered_workflows__launches'),
) }}
