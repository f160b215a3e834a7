{{ config(tags=['flink', 'daily']) }}
-- Grain: one row per landing model and load.
{{ load_accounting(
    landing=ref('copy_flink_operations'),
    delivered=ref('delivered_flink__operations'),
) }}
