{{ config(dist='all', sort='date_on') }}
-- Grain: one row per calendar day, from the variable calendar_starts_on, calendar_days of them; 1900-01-01 stands for "no date".
with

digits as (

    {% for digit in range(10) -%}
    select {{ digit }} as digit{{ '\n    union all\n    ' if not loop.last }}
    {%- endfor %}

),

day_numbers as (

    select ones.digit + 10 * tens.digit + 100 * hundreds.digit + 1000 * thousands.digit + 10000 * ten_thousands.digit as day_number
    from digits as ones
    cross join digits as tens
    cross join digits as hundreds
    cross join digits as thousands
    cross join digits as ten_thousands

),

days as (

    select {{ add_days("cast('" ~ var('calendar_starts_on') ~ "' as date)", 'day_number') }} as date_on
    from day_numbers
    where day_number < {{ var('calendar_days') }}

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

select * from described
