{{ config(tags=['flink', 'daily']) }}
-- Grain: one row per state of an operation on a Flink application, with the time it was the last one known.
{{ change_history(
    feed='flink_operations',
    changes=ref('stg_flink__operations'),
) }}
