-- Grain: one row per symbol and 5 minutes of a session with a bar.
{{ market_candles(minutes=5) }}
