{{ config(materialized=staging_materialization(), tags=['daily']) }}
-- Grain: one row per line of each bill as it stands now; deliveries that a later one replaced are not in it.
{{ current_bill_lines(ref('delivered_focus__line_items'), ref('stg_focus__bill_files')) }}
