{#
    Snapshot spine: the moments at which point-in-time tables and bridges say what was known. Grain: one row per snapshot, midnight UTC.
    Columns: snapshot_at, snapshot_kind (daily, weekly, monthly). Younger snapshots stand close, older ones far apart: every day for
    daily_days, then Mondays up to weekly_days, then the first of each month (snapshot_retention in dbt_project.yml). A snapshot that
    leaves the spine leaves the tables with their next load.
    starts_on: first day. until: the moment that counts as now, an expression; default the variable snapshots_end_on, else the clock.
#}
{% macro snapshot_spine(starts_on=none, until=none, retention=none) %}
    {%- set retention = retention or var('snapshot_retention') -%}
    {%- set first_day = "cast('" ~ (starts_on or var('snapshots_start_on')) ~ "' as date)" -%}
    {%- set today = 'cast(' ~ (until or ("'" ~ var('snapshots_end_on') ~ "'" if var('snapshots_end_on', none) else now_utc())) ~ ' as date)' -%}
    {%- for name in ('daily_days', 'weekly_days') -%}
        {%- if retention[name] is not integer or retention[name] < 0 -%}
            {{ exceptions.raise_compiler_error(
                "millrace: " ~ model.name ~ ": snapshot_retention needs the whole number " ~ name
                ~ ", for example {daily_days: 30, weekly_days: 365}; got " ~ retention ~ "."
            ) }}
        {%- endif -%}
    {%- endfor -%}
with

days as (

    {{ days_between(first_day, today) | indent(4) }}

),

described as (

    select
        date_on,
        case
            when date_on > {{ add_days(today, -retention.daily_days) }} then 'daily'
            when {{ iso_day_of_week('date_on') }} = 1 and date_on > {{ add_days(today, -retention.weekly_days) }} then 'weekly'
            when extract(day from date_on) = 1 then 'monthly'
        end as snapshot_kind
    from days

)

select
    cast(date_on as {{ timestamp_type() }}) as snapshot_at,
    snapshot_kind
from described
where snapshot_kind is not null
{%- endmacro %}


{# SELECT of the days from one day to another, both of them: column date_on. At most 100,000 days. #}
{% macro days_between(first_day, last_day) -%}
    select date_on
    from (
        select
            {{ add_days(first_day, 'ones.digit + 10 * tens.digit + 100 * hundreds.digit + 1000 * thousands.digit + 10000 * ten_thousands.digit') }}
                as date_on
        from
            {%- for place in ('ones', 'tens', 'hundreds', 'thousands', 'ten_thousands') %}
            {{ 'cross join ' if not loop.first }}(
                {% for digit in range(10) %}select {{ digit }} as digit{{ ' union all ' if not loop.last }}{% endfor %}
            ) as {{ place }}
            {%- endfor %}
    ) as numbered
    where date_on <= {{ last_day }}
{%- endmacro %}
