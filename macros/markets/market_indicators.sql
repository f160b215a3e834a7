{#
    Technical indicators of candles, by their closes and volumes in the shares of today (splits are taken into account, dividends are not): the whole
    body of an agg_market_indicators_ model. Grain: one row per symbol and candle. A load computes the candles of a symbol from its first new or
    corrected one on: those before it do not depend on it.
    candles: ref() of an agg_market_candles_ model.
#}
{% macro market_indicators(candles) %}
{%- do require_arguments('market_indicators', {'candles': candles}) -%}
{{- config(
    materialized='incremental', incremental_strategy='merge', unique_key=['symbol', 'candle_at'], dist='symbol', sort=['symbol', 'candle_at'],
) -}}
{%- set averages = [
    {'name': 'ema_12', 'value': 'close_price', 'rows': 11, 'seed': 'cast(sum_12 as ' ~ float_type() ~ ') / 12', 'numerator': 2, 'denominator': 13, 'scale': 12},
    {'name': 'ema_26', 'value': 'close_price', 'rows': 25, 'seed': 'cast(sum_26 as ' ~ float_type() ~ ') / 26', 'numerator': 2, 'denominator': 27, 'scale': 12},
    {'name': 'average_gain', 'value': 'gain', 'rows': 14, 'seed': 'cast(gains_14 as ' ~ float_type() ~ ') / 14', 'numerator': 1, 'denominator': 14, 'scale': 14},
    {'name': 'average_loss', 'value': 'loss', 'rows': 14, 'seed': 'cast(losses_14 as ' ~ float_type() ~ ') / 14', 'numerator': 1, 'denominator': 14, 'scale': 14},
] -%}
{%- set signal = {
    'name': 'macd_signal', 'value': 'macd', 'rows': 33, 'seed': 'cast(macd_9 as ' ~ float_type() ~ ') / 9', 'numerator': 2, 'denominator': 10, 'scale': 14
} -%}
{#- how far back an indicator looks: the signal's block, and from there a block of its averages and the candle before -#}
{%- set lookback = market_average_block(signal) + market_average_block(averages[3]) + 2 -%}
{%- set rows = 'partition by symbol order by candle_number rows between ' -%}
with

{% if is_incremental() -%}
touched as (

    select
        symbol,
        min(candle_at) as first_candle_at
    from {{ candles }} as candles
    where {{ is_new_record(candles, 'candles') }}
    group by symbol

),

unchanged as (

    select
        touched.symbol,
        touched.first_candle_at,
        max(stored.candle_number) as candles
    from touched
    left join {{ this }} as stored
        on touched.symbol = stored.symbol and touched.first_candle_at > stored.candle_at
    group by touched.symbol, touched.first_candle_at

),

starts as (

    -- as many of the candles before as the first one's indicators look back upon
    select
        unchanged.symbol,
        unchanged.first_candle_at,
        coalesce(min(stored.candle_at), unchanged.first_candle_at) as start_at,
        coalesce(min(stored.candle_number), 1) as start_number
    from unchanged
    left join {{ this }} as stored
        on
            unchanged.symbol = stored.symbol
            and unchanged.first_candle_at > stored.candle_at
            and stored.candle_number > unchanged.candles - {{ lookback }}
    group by unchanged.symbol, unchanged.first_candle_at

),

{% endif -%}
candles as (

    select
        candles.symbol,
        candles.candle_at,
        candles.session_on,
        {%- if is_incremental() %}
        starts.first_candle_at,
        starts.start_number,
        {%- endif %}
        -- as they are where no split came after, so that nothing is rounded
        case
            when coalesce(days.split_factor, 1) = 1 then cast(candles.close_price as decimal(18, 6))
            else cast(cast(candles.close_price as {{ float_type() }}) * days.split_factor as decimal(18, 6))
        end as close_price,
        case
            when coalesce(days.split_factor, 1) = 1 then candles.volume
            else cast(cast(candles.volume as {{ float_type() }}) / days.split_factor as decimal(28, 4))
        end as volume
    from {{ candles }} as candles
    {%- if is_incremental() %}
    inner join starts
        on candles.symbol = starts.symbol and candles.candle_at >= starts.start_at
    {%- endif %}
    left join {{ ref('agg_market_adjusted_days') }} as days
        on candles.symbol = days.symbol and candles.session_on = days.session_on

),

numbered as (

    select
        candles.*,
        row_number() over (partition by symbol order by candle_at) {{ '+ start_number - 2' if is_incremental() else '- 1' }} as candle_number,
        lag(close_price) over (partition by symbol order by candle_at) as close_before
    from candles

),

moves as (

    select
        numbered.*,
        cast(close_price * 1000000 as decimal(19, 0)) as ticks,
        case when close_price > close_before then close_price - close_before else 0 end as gain,
        case when close_price < close_before then close_before - close_price else 0 end as loss
    from numbered

),

sums as (

    -- of decimals, so they are exact
    select
        moves.*,
        sum(close_price) over ({{ rows }}11 preceding and current row) as sum_12,
        sum(close_price) over ({{ rows }}19 preceding and current row) as sum_20,
        sum(close_price) over ({{ rows }}25 preceding and current row) as sum_26,
        sum(close_price) over ({{ rows }}49 preceding and current row) as sum_50,
        cast(sum(ticks) over ({{ rows }}19 preceding and current row) as decimal(19, 0)) as ticks_20,
        cast(sum(cast(ticks * ticks as decimal(36, 0))) over ({{ rows }}19 preceding and current row) as decimal(36, 0)) as squares_20,
        sum(gain) over ({{ rows }}13 preceding and current row) as gains_14,
        sum(loss) over ({{ rows }}13 preceding and current row) as losses_14,
        sum(volume) over ({{ rows }}20 preceding and 1 preceding) as volume_20
    from moves

),

{{ market_averages('averaged', 'sums', averages) }}

converged as (

    select
        symbol,
        candle_at,
        session_on,
        {%- if is_incremental() %}
        first_candle_at,
        {%- endif %}
        candle_number,
        close_price,
        volume,
        ema_12,
        ema_26,
        cast(ema_12 - ema_26 as decimal(28, 14)) as macd,
        case when candle_number >= 19 then cast(sum_20 as {{ float_type() }}) / 20 end as sma_20,
        case when candle_number >= 49 then cast(sum_50 as {{ float_type() }}) / 50 end as sma_50,
        case when candle_number >= 49 then sum_20 * 5 - sum_50 * 2 end as sma_distance,
        -- of all twenty, not of a sample
        case when candle_number >= 19 then
            sqrt(cast(squares_20 * cast(20 as decimal(2, 0)) - ticks_20 * ticks_20 as {{ float_type() }})) / 20000000
        end as deviation_20,
        -- a price that has not moved says nothing
        case when average_gain + average_loss > 0 then 100 * average_gain / (average_gain + average_loss) end as rsi_14,
        case when candle_number >= 20 then volume_20 end as volume_20
    from averaged

),

macd_sums as (

    select
        converged.*,
        sum(macd) over ({{ rows }}8 preceding and current row) as macd_9
    from converged

),

{{ market_averages('signalled', 'macd_sums', [signal]) }}

compared as (

    select
        signalled.*,
        cast(macd as {{ float_type() }}) - macd_signal as macd_histogram,
        lag(sma_distance) over (partition by symbol order by candle_number) as sma_distance_before,
        -- closer than that they are equal: a price that stays gives differences of rounding
        cast(cast(macd as {{ float_type() }}) - macd_signal as decimal(28, 9)) as macd_distance,
        lag(cast(cast(macd as {{ float_type() }}) - macd_signal as decimal(28, 9))) over (partition by symbol order by candle_number) as macd_distance_before
    from signalled

)

select
    symbol,
    candle_at,
    session_on,
    cast(candle_number + 1 as bigint) as candle_number,
    close_price,
    volume,
    sma_20,
    sma_50,
    ema_12,
    ema_26,
    rsi_14,
    sma_20 - 2 * deviation_20 as bollinger_lower,
    sma_20 + 2 * deviation_20 as bollinger_upper,
    cast(macd as {{ float_type() }}) as macd,
    macd_signal,
    macd_histogram,
    cast(volume as {{ float_type() }}) / nullif(cast(volume_20 as {{ float_type() }}), 0) * 20 as volume_ratio,
    cast(
        case
            when sma_distance > 0 and sma_distance_before <= 0 then 'above'
            when sma_distance < 0 and sma_distance_before >= 0 then 'below'
        end as {{ text_type(8) }}
    ) as sma_crossover,
    cast(
        case
            when macd_distance > 0 and macd_distance_before <= 0 then 'above'
            when macd_distance < 0 and macd_distance_before >= 0 then 'below'
        end as {{ text_type(8) }}
    ) as macd_crossover,
    coalesce(volume_20 > 0 and volume * 20 >= volume_20 * {{ var('market_volume_alert_ratio') }}, false) as has_volume_alert
from compared
{%- if is_incremental() %}
where candle_at >= first_candle_at
{%- endif %}
{%- endmacro %}
