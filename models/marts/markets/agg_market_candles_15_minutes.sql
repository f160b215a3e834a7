-- Grain: one row per symbol and 15 minutes of a session with a bar.
{{ market_candles(minutes=15) }}
