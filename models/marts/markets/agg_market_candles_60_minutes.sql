-- Grain: one row per symbol and 60 minutes of a session with a bar.
{{ market_candles(minutes=60) }}
