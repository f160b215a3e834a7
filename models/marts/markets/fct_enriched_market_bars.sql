{{ config(
    materialized='incremental',
    incremental_strategy='merge',
    unique_key=['symbol', 'bar_at'],
    dist='symbol',
    sort=['symbol', 'bar_at'],
) }}
-- Grain: one row per symbol and minute in trading hours, with its change from the last close of the session before. When that close moves,
-- so do all bars of the session after it.
with

sessions as (

    select * from {{ ref('ref_market_sessions') }}

),
{%- if is_incremental() %}

touched as (

    select distinct
        bars.symbol,
        bars.session_on
    from {{ ref('fct_market_bars') }} as bars
    where bars.is_in_session and {{ is_new_record(ref('fct_market_bars'), 'bars') }}

    union

    select distinct
        days.symbol,
        sessions.next_session_on as session_on
    from {{ ref('agg_market_candles_days') }} as days
    inner join sessions
        on days.session_on = sessions.session_on
    where {{ is_new_record(ref('agg_market_candles_days'), 'days') }}

),
{%- endif %}

bars as (

    select bars.*
    from {{ ref('fct_market_bars') }} as bars
    {%- if is_incremental() %}
    inner join touched
        on bars.symbol = touched.symbol and bars.session_on = touched.session_on
    {%- endif %}
    where bars.is_in_session

),

referenced as (

    select
        bars.symbol,
        bars.bar_at,
        bars.session_on,
        bars.open_price,
        bars.high_price,
        bars.low_price,
        bars.close_price,
        bars.volume,
        days.session_on as reference_session_on,
        -- a split counts from this session on: the close before it is in old shares. A dividend is left in
        cast(
            case
                when actions.split_ratio is null then days.close_price
                else cast(days.close_price as {{ float_type() }}) / cast(actions.split_ratio as {{ float_type() }})
            end as decimal(18, 6)
        ) as reference_close
    from bars
    inner join sessions
        on bars.session_on = sessions.session_on
    left join {{ ref('agg_market_candles_days') }} as days
        on bars.symbol = days.symbol and sessions.previous_session_on = days.session_on
    left join {{ ref('ref_market_splits_and_dividends') }} as actions
        on bars.symbol = actions.symbol and bars.session_on = actions.ex_on

)

select
    symbol,
    bar_at,
    session_on,
    open_price,
    high_price,
    low_price,
    close_price,
    volume,
    reference_session_on,
    reference_close,
    (cast(close_price as {{ float_type() }}) - cast(reference_close as {{ float_type() }}))
    / nullif(cast(reference_close as {{ float_type() }}), 0) * 100 as percent_change,
    -- in decimals: a change of exactly the limit counts, and doubles do not hit it
    cast(
        case
            when reference_close <= 0 then null
            when (close_price - reference_close) * 100 >= reference_close * {{ var('market_move_percent') }} then 'Bullish'
            when (reference_close - close_price) * 100 >= reference_close * {{ var('market_move_percent') }} then 'Bearish'
            when reference_close > 0 then 'Neutral'
        end as {{ text_type(16) }}
    ) as indicator
from referenced
