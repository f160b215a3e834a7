{{ config(tags=['near_real_time']) }}
-- Grain: one row per load and partition.
{{ stream_positions(ref('mv_products')) }}
