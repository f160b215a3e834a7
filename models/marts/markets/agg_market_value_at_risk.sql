-- Grain: one row per symbol and session. Historical value at risk of five minutes, from the returns within the last sessions.
{%- set sessions = var('market_var_sessions') %}
with

returns as (

    -- from candle to candle of one session: what happens over night is no return of five minutes
    select
        symbol,
        session_on,
        candle_at,
        cast(close_price as {{ float_type() }}) / nullif(cast(lag(close_price) over (
            partition by symbol, session_on order by candle_at
        ) as {{ float_type() }}), 0) - 1 as simple_return
    from {{ ref('agg_market_candles_5_minutes') }}

),

sessions as (

    select
        symbol,
        session_on,
        row_number() over (partition by symbol order by session_on) as session_number
    from {{ ref('agg_market_candles_days') }}

),

numbered as (

    select
        returns.symbol,
        returns.candle_at,
        returns.simple_return,
        sessions.session_number
    from returns
    inner join sessions
        on returns.symbol = sessions.symbol and returns.session_on = sessions.session_on
    where returns.simple_return is not null

),

ranked as (

    select
        sessions.symbol,
        sessions.session_on,
        numbered.simple_return,
        row_number() over (
            partition by sessions.symbol, sessions.session_on order by numbered.simple_return, numbered.candle_at
        ) - 1 as place,
        count(*) over (partition by sessions.symbol, sessions.session_on) as number_of_returns
    from sessions
    inner join numbered
        on
            sessions.symbol = numbered.symbol
            and numbered.session_number between sessions.session_number - {{ sessions - 1 }} and sessions.session_number

),

placed as (

    -- the place of the quantile among the returns in order, counted from 0
    select
        ranked.*,
        {%- for level in (95, 99) %}
        cast((number_of_returns - 1) * {{ 100 - level }} as {{ float_type() }}) / 100 as place_{{ level }}{{ ',' if not loop.last }}
        {%- endfor %}
    from ranked

),

measured as (

    select
        symbol,
        session_on,
        cast(max(number_of_returns) as bigint) as number_of_returns,
        {%- for level in (95, 99) %}
        max(case when place <= place_{{ level }} and place > place_{{ level }} - 1 then simple_return end) as return_below_{{ level }},
        max(case when place >= place_{{ level }} and place < place_{{ level }} + 1 then simple_return end) as return_above_{{ level }},
        max(place_{{ level }} - floor(place_{{ level }})) as share_{{ level }}{{ ',' if not loop.last }}
        {%- endfor %}
    from placed
    group by symbol, session_on

)

select
    symbol,
    session_on,
    number_of_returns,
    {%- for level in (95, 99) %}
    -(return_below_{{ level }} + share_{{ level }} * (return_above_{{ level }} - return_below_{{ level }})) as value_at_risk_{{ level }},
    -return_below_{{ level }} as lower_value_at_risk_{{ level }}{{ ',' if not loop.last }}
    {%- endfor %}
from measured
