{{ config(tags=['daily']) }}
-- Grain: one row per load of unloaded queries.
{{ load_accounting(
    landing=ref('copy_replayed_queries'),
    delivered=ref('delivered_replay__queries'),
) }}
