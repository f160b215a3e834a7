{{ config(materialized='view') }}
-- Grain: one row per moment at which point-in-time tables and bridges say what was known.
{{ snapshot_spine() }}
