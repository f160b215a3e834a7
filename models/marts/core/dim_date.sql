{{ config(dist='all', sort='date_on') }}
-- Grain: one row per calendar day, from the variable calendar_starts_on, calendar_days of them; 1900-01-01 stands for "no date".
with

days as (

    {{ days_between(
        "cast('" ~ var('calendar_starts_on') ~ "' as date)",
        add_days("cast('" ~ var('calendar_starts_on') ~ "' as date)", var('calendar_days') - 1)
    ) }}

    union all

    select cast('1900-01-01' as date) as date_on

),

described as (

    select
        date_on,
        cast(extract(year from date_on) as integer) as year_number,
        cast(extract(quarter from date_on) as integer) as quarter_number,
        cast(extract(month from date_on) as integer) as month_number,
        cast(extract(day from date_on) as integer) as day_of_month,
        {{ iso_day_of_week('date_on') }} as iso_day_of_week,
        cast(extract(week from date_on) as integer) as iso_week_number,
        {{ iso_day_of_week('date_on') }} >= 6 as is_weekend,
        date_on = cast('1900-01-01' as date) as is_unknown
    from days

)

select
    described.*,
    {{ fiscal_columns('year_number', 'month_number') }}
from described
