{{ config(tags=['daily']) }}
-- Grain: one row per record that the store sales files delivered, with what became of it.
{{ delivered_changes(
    feed='store_sales',
    landings=[ref('copy_store_sales')],
) }}
