{{ config(
    materialized='incremental',
    incremental_strategy='merge',
    unique_key=['symbol', 'bar_at'],
    dist='symbol',
    sort=['symbol', 'bar_at'],
) }}
-- Grain: one row per symbol and minute, as the newest record of the topic has it. A correction is another record of the same minute.
with

sessions as (

    select * from {{ ref('ref_market_sessions') }}

),
{%- if is_incremental() %}

touched as (

    select distinct
        symbol,
        bar_at
    from {{ ref('stg_msk__market_bars') }} as bars
    where {{ is_new_record(ref('stg_msk__market_bars'), 'bars') }}

),
{%- endif %}

ranked as (

    select
        bars.*,
        row_number() over (
            partition by bars.symbol, bars.bar_at order by bars.change_order desc, bars.change_id desc
        ) as versions_back
    from {{ ref('stg_msk__market_bars') }} as bars
    {%- if is_incremental() %}
    inner join touched
        on bars.symbol = touched.symbol and bars.bar_at = touched.bar_at
    {%- endif %}

),

placed as (

    select
        -- ids
        ranked.symbol,
        ranked.bar_at,
        -- prices
        ranked.open_price,
        ranked.high_price,
        ranked.low_price,
        ranked.close_price,
        ranked.vwap,
        -- numerics
        ranked.volume,
        ranked.trade_count,
        -- session
        sessions.session_on,
        cast(floor({{ elapsed_minutes('sessions.opens_at', 'ranked.bar_at') }}) as bigint) as session_minute,
        coalesce(ranked.bar_at >= sessions.opens_at and ranked.bar_at < sessions.closes_at, false) as is_in_session,
        -- flags
        ranked.low_price > 0 and ranked.volume >= 0
        and ranked.low_price <= ranked.open_price and ranked.low_price <= ranked.close_price
        and ranked.high_price >= ranked.open_price and ranked.high_price >= ranked.close_price as is_consistent
    from ranked
    left join sessions
        on cast(ranked.bar_at as date) = sessions.session_on
    where ranked.versions_back = 1

)

select
    placed.*,
    {{ load_columns() }}
from placed
