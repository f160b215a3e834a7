{{ config(tags=['flink', 'daily']) }}
-- Grain: one row per operation as it is known now.
{{ current_state(
    feed='flink_operations',
    history=ref('history_flink__operations'),
) }}
