-- Grain: one row per symbol and session with a bar.
{{ market_candles() }}
