-- Grain: one row per symbol and candle of five minutes.
{{ market_indicators(ref('agg_market_candles_5_minutes')) }}
