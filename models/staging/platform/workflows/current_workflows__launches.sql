{{ config(tags=['workflows', 'daily']) }}
-- Grain: one row per launch as it is known now.
{{ current_state(
    feed='workflows_launches',
    history=ref('history_workflows__launches'),
) }}
