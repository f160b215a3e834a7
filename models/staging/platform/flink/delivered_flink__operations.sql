{{ config(tags=['flink', 'daily']) }}
-- Grain: one row per document of an operation on a Flink application that was landed, with what became of it.
{{ delivered_changes(
    feed='flink_operations',
    landings=[ref('copy_flink_operations')],
) }}
