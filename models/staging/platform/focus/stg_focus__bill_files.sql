{{ config(materialized='table', tags=['daily']) }}
-- Grain: one row per report, month and file with lines of it: which of the month's deliveries is the bill, and why.
{{ bill_files(ref('delivered_focus__line_items'), [ref('copy_focus_manifests')]) }}
