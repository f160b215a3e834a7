{{ config(tags=['near_real_time']) }}
-- Grain: one row per record that the topic of bars delivered, with what became of it.
{{ delivered_changes(
    feed='market_bars',
    landings=[ref('mv_market_bars')],
) }}
