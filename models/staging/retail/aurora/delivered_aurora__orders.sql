{{ config(tags=['hourly']) }}
-- Grain: one row per record of the latest copy of the table orders, with what became of it.
{{ replicated_rows(
    feed='aurora_orders',
    landing=ref('copy_aurora_orders'),
) }}
