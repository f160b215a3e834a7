-- Grain: moment at which the tables below say what was known.
{{ config(materialized='view') }}
{{ snapshot_spine(starts_on='2024-01-01', until="cast('" ~ var('today', '2024-01-10') ~ "' as date)") }}
