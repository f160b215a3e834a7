-- Grain: one row per symbol, length of candle, candle and kind of alert. Read off the indicators, so a correction takes an alert back, too.
with

indicators as (

    {% for span, indicators in {'5 minutes': ref('agg_market_indicators_5_minutes'), 'session': ref('agg_market_indicators_days')}.items() -%}
    select
        symbol,
        candle_at,
        session_on,
        close_price,
        volume_ratio,
        sma_crossover,
        macd_crossover,
        has_volume_alert,
        '{{ span }}' as candle_length
    from {{ indicators }}
    {%- if not loop.last %}

    union all

    {% endif %}
    {%- endfor %}

),

kinds as (

    select 'SMA 20 crosses SMA 50' as alert
    union all
    select 'MACD crosses its signal' as alert
    union all
    select 'high volume' as alert

),

alerts as (

    select
        indicators.symbol,
        indicators.candle_length,
        indicators.candle_at,
        indicators.session_on,
        kinds.alert,
        case
            when kinds.alert = 'SMA 20 crosses SMA 50' then indicators.sma_crossover
            when kinds.alert = 'MACD crosses its signal' then indicators.macd_crossover
            when indicators.has_volume_alert then 'above'
        end as direction,
        indicators.close_price,
        indicators.volume_ratio
    from indicators
    cross join kinds

)

select
    symbol,
    cast(candle_length as {{ text_type(16) }}) as candle_length,
    candle_at,
    session_on,
    cast(alert as {{ text_type(32) }}) as alert,
    cast(direction as {{ text_type(8) }}) as direction,
    close_price,
    volume_ratio
from alerts
where direction is not null
