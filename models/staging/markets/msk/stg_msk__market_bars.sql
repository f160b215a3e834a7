{{ config(tags=['near_real_time']) }}
-- Grain: one row per version of a bar, each accepted once.
{{ accepted_changes(
    feed='market_bars',
    delivered=ref('delivered_msk__market_bars'),
) }}
