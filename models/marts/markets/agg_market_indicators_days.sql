-- Grain: one row per symbol and session.
{{ market_indicators(ref('agg_market_candles_days')) }}
