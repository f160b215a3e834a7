-- Candles of every length have each bar of a session once, and its volume.
with

bars as (

    select
        symbol,
        session_on,
        count(*) as bars,
        sum(volume) as volume
    from {{ ref('fct_market_bars') }}
    where is_in_session
    group by symbol, session_on

),

candles as (

    {% for length in ('5_minutes', '15_minutes', '60_minutes', 'days') %}
    select
        '{{ length }}' as candle_length,
        symbol,
        session_on,
        sum(bars) as bars,
        sum(volume) as volume
    from {{ ref('agg_market_candles_' ~ length) }}
    group by symbol, session_on
    {{ 'union all' if not loop.last }}
    {% endfor %}
)

select
    bars.symbol,
    bars.session_on,
    count(candles.candle_length) as candle_lengths
from bars
left join candles
    on bars.symbol = candles.symbol and bars.session_on = candles.session_on and bars.bars = candles.bars and bars.volume = candles.volume
group by bars.symbol, bars.session_on
having count(candles.candle_length) < 4
