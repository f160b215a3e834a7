{#
    Candles of the minutes in trading hours: the whole body of an agg_market_candles_ model. Grain: one row per symbol and candle. Candles begin
    with the session, so the last one of a session may be shorter. A load recomputes the candles that new or corrected bars fall into.
    minutes: length of a candle; none: the whole session.
#}
{% macro market_candles(minutes=none) %}
{%- if minutes is not none and (minutes is not number or minutes < 1) -%}
    {{ exceptions.raise_compiler_error(
        "millrace: " ~ model.name ~ ": market_candles() wants minutes, a whole number from 1 on or none for whole sessions, got " ~ minutes ~ "."
    ) }}
{%- endif -%}
{{- config(
    materialized='incremental', incremental_strategy='merge', unique_key=['symbol', 'candle_at'], dist='symbol', sort=['symbol', 'candle_at'],
) -}}
{%- set bars = ref('fct_market_bars') -%}
{%- set number = 'cast(0 as bigint)' if minutes is none
    else 'cast(floor(cast(bars.session_minute as ' ~ float_type() ~ ') / ' ~ minutes ~ ') as bigint)' -%}
with

{% if is_incremental() -%}
touched as (

    select distinct
        bars.symbol,
        bars.session_on,
        {{ number }} as candle_number
    from {{ bars }} as bars
    where
        bars.is_in_session
        and {{ is_new_record(bars, 'bars') | indent(8) }}

),

{% endif -%}
numbered as (

    select
        bars.*,
        {{ number }} as candle_number
    from {{ bars }} as bars
    where bars.is_in_session

),

ordered as (

    select
        numbered.*,
        row_number() over (
            partition by numbered.symbol, numbered.session_on, numbered.candle_number order by numbered.bar_at
        ) as place,
        lead(numbered.bar_at) over (
            partition by numbered.symbol, numbered.session_on, numbered.candle_number order by numbered.bar_at
        ) as next_bar_at
    from numbered
    {%- if is_incremental() %}
    inner join touched
        on
            numbered.symbol = touched.symbol
            and numbered.session_on = touched.session_on
            and numbered.candle_number = touched.candle_number
    {%- endif %}

),

candles as (

    select
        symbol,
        session_on,
        candle_number,
        max(case when place = 1 then open_price end) as open_price,
        max(high_price) as high_price,
        min(low_price) as low_price,
        max(case when next_bar_at is null then close_price end) as close_price,
        cast(sum(volume) as decimal(28, 4)) as volume,
        cast(count(*) as bigint) as bars,
        cast(sum(case when is_consistent then 0 else 1 end) as bigint) as inconsistent_bars
    from ordered
    group by symbol, session_on, candle_number

),

timed as (

    select
        candles.*,
        {% if minutes is none -%}
        sessions.opens_at as candle_at,
        {%- else -%}
        {{ add_microseconds('sessions.opens_at', 'candles.candle_number * ' ~ minutes * 60000000) | indent(8) }} as candle_at,
        {%- endif %}
        sessions.closes_at
    from candles
    inner join {{ ref('ref_market_sessions') }} as sessions
        on candles.session_on = sessions.session_on

),

ended as (

    select
        timed.*,
        {% if minutes is none -%}
        closes_at as candle_ends_at
        {%- else -%}
        least({{ add_microseconds('candle_at', minutes * 60000000) }}, closes_at) as candle_ends_at
        {%- endif %}
    from timed

)

select
    symbol,
    candle_at,
    candle_ends_at,
    session_on,
    open_price,
    high_price,
    low_price,
    close_price,
    volume,
    bars,
    inconsistent_bars,
    cast({{ elapsed_minutes('candle_at', 'candle_ends_at') }} as bigint) - bars as missing_minutes,
    {{ load_columns() }}
from ended
{%- endmacro %}
