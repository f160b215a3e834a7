-- Grain: one row per symbol and run of minutes in trading hours without a bar, between the symbol's first and last bar.
with

bars as (

    select
        symbol,
        session_on,
        bar_at
    from {{ ref('fct_market_bars') }}
    where is_in_session

),

spans as (

    select
        symbol,
        min(bar_at) as first_bar_at,
        max(bar_at) as last_bar_at
    from bars
    group by symbol

),

edges as (

    select
        symbol,
        session_on,
        bar_at,
        {{ add_microseconds('bar_at', 60000000) }} as bar_ends_at
    from bars

    union all

    -- the opening and the close of each session stand for bars without a minute
    select
        spans.symbol,
        sessions.session_on,
        sessions.opens_at as bar_at,
        sessions.opens_at as bar_ends_at
    from spans
    inner join {{ ref('ref_market_sessions') }} as sessions
        on spans.first_bar_at < sessions.opens_at and spans.last_bar_at >= sessions.opens_at

    union all

    select
        spans.symbol,
        sessions.session_on,
        sessions.closes_at as bar_at,
        sessions.closes_at as bar_ends_at
    from spans
    inner join {{ ref('ref_market_sessions') }} as sessions
        on spans.first_bar_at < sessions.closes_at and spans.last_bar_at >= sessions.closes_at

),

followed as (

    select
        symbol,
        session_on,
        bar_ends_at as gap_at,
        lead(bar_at) over (partition by symbol, session_on order by bar_at, bar_ends_at) as gap_ends_at
    from edges

),

gaps as (

    select
        symbol,
        gap_at,
        gap_ends_at,
        session_on,
        cast({{ elapsed_minutes('gap_at', 'gap_ends_at') }} as bigint) as missing_minutes
    from followed
    where gap_ends_at > gap_at

)

select * from gaps
