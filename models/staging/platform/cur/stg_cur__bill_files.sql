{{ config(materialized='table', tags=['daily']) }}
-- Grain: one row per report, month and file with lines of it: which of the month's deliveries is the bill, and why.
{{ bill_files(ref('delivered_cur__line_items'), [ref('copy_cur_manifests'), ref('copy_cur2_manifests')]) }}
