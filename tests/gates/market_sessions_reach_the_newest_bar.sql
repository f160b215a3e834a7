-- Behind the last session of the seed every bar would be outside trading hours, and no candle would say so.
with

newest as (

    select max(cast(bar_at as date)) as bar_on
    from {{ ref('fct_market_bars') }}

),

last_session as (

    select max(session_on) as session_on
    from {{ ref('ref_market_sessions') }}

)

select
    newest.bar_on,
    last_session.session_on
from newest
cross join last_session
where newest.bar_on > last_session.session_on
