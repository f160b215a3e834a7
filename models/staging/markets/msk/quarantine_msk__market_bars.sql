{{ config(tags=['near_real_time']) }}
-- Grain: one row per record that staging could not accept.
{{ quarantined_records(ref('delivered_msk__market_bars')) }}
