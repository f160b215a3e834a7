{{ config(tags=['near_real_time']) }}
-- Grain: one row per landing model and load.
{{ load_accounting(
    landing=ref('mv_market_bars'),
    delivered=ref('delivered_msk__market_bars'),
) }}
