-- Grain: one row per symbol and session with a bar. Each split and dividend moves all closes before it, so the table is built as a whole.
{%- set e = 'cast(2.718281828459045 as ' ~ float_type() ~ ')' %}
with

days as (

    select * from {{ ref('agg_market_candles_days') }}

),

priced as (

    -- the last close before the ex-date
    select
        actions.symbol,
        actions.ex_on,
        cast(coalesce(actions.split_ratio, 1) as {{ float_type() }}) as split_ratio,
        cast(coalesce(actions.dividend_amount, 0) as {{ float_type() }}) as dividend_amount,
        cast(days.close_price as {{ float_type() }}) as close_before,
        row_number() over (partition by actions.symbol, actions.ex_on order by days.session_on desc) as sessions_back
    from {{ ref('ref_market_splits_and_dividends') }} as actions
    inner join days
        on actions.symbol = days.symbol and actions.ex_on > days.session_on

),

factors as (

    select
        symbol,
        ex_on,
        -ln(split_ratio) as log_split_factor,
        -- the dividend is one of the new shares; one as large as the price would leave no price
        case when dividend_amount * split_ratio < close_before then ln(1 - dividend_amount * split_ratio / close_before) else 0 end
            as log_dividend_factor
    from priced
    where sessions_back = 1

),

adjusted as (

    select
        days.symbol,
        days.session_on,
        days.close_price,
        days.volume,
        -- ten for one is 0.1, not almost
        coalesce(cast(cast({{ market_power(e, 'sum(factors.log_split_factor)') }} as decimal(30, 14)) as {{ float_type() }}), 1) as split_factor,
        coalesce({{ market_power(e, 'sum(factors.log_dividend_factor)') }}, 1) as dividend_factor
    from days
    left join factors
        on days.symbol = factors.symbol and days.session_on < factors.ex_on
    group by days.symbol, days.session_on, days.close_price, days.volume

)

select
    symbol,
    session_on,
    close_price,
    split_factor,
    dividend_factor,
    cast(cast(close_price as {{ float_type() }}) * split_factor * dividend_factor as decimal(18, 6)) as adjusted_close_price,
    cast(cast(volume as {{ float_type() }}) / split_factor as decimal(28, 4)) as adjusted_volume
from adjusted
