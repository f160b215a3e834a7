{{ config(tags=['flink', 'daily']) }}
-- Grain: one row per state of an operation on a Flink application that was landed, each accepted once.
{{ accepted_changes(
    feed='flink_operations',
    delivered=ref('delivered_flink__operations'),
) }}
