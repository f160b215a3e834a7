{#
    Snapshot spine: the moments at which point-in-time tables and bridges say what was known. Grain: one row per snapshot, midnight UTC or, for
    the last hourly_hours, the full hour. Columns: snapshot_at, snapshot_kind (hourly, daily, weekly, monthly). Younger snapshots stand close,
    older ones far apart: every hour for hourly_hours, every day for daily_days, then Mondays up to weekly_days, then the first of each month
    (snapshot_retention in dbt_project.yml; without hourly_hours there are no hours). A snapshot that leaves the spine leaves the tables with
    their next load.
    starts_on: first day. until: the moment that counts as now, an expression; default the variable snapshots_end_on, else the clock.
    windows: whether there are also is_latest (the newest snapshot), is_current_year, is_last_year and is_rolling_year (the 365 days before now),
    by which a reader of a point-in-time table takes the snapshots of a period.
#}
{% macro snapshot_spine(starts_on=none, until=none, retention=none, windows=false) %}
    {%- set retention = retention or var('snapshot_retention') -%}
    {%- set first_day = "cast('" ~ (starts_on or var('snapshots_start_on')) ~ "' as date)" -%}
    {%- set now = until or ("'" ~ var('snapshots_end_on') ~ "'" if var('snapshots_end_on', none) else now_utc()) -%}
    {%- set today = 'cast(' ~ now ~ ' as date)' -%}
    {%- for name in ('daily_days', 'weekly_days') + (('hourly_hours',) if 'hourly_hours' in retention else ()) -%}
        {%- if retention[name] is not integer or retention[name] < 0 -%}
            {{ exceptions.raise_compiler_error(
                "millrace: " ~ model.name ~ ": snapshot_retention needs the whole number " ~ name
                ~ ", for example {daily_days: 30, weekly_days: 365} or {hourly_hours: 48, daily_days: 30, weekly_days: 365}; got " ~ retention ~ "."
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
{%- if not retention.hourly_hours and not windows %}

select
    cast(date_on as {{ timestamp_type() }}) as snapshot_at,
    snapshot_kind
from described
where snapshot_kind is not null
{%- else %},

snapshots as (

    select
        cast(date_on as {{ timestamp_type() }}) as snapshot_at,
        snapshot_kind
    from described
    where snapshot_kind is not null
    {%- if retention.hourly_hours %}

    union all

    select
        hour_at as snapshot_at,
        'hourly' as snapshot_kind
    from (
        select {{ add_microseconds('cast(date_on as ' ~ timestamp_type() ~ ')', 'hours.number * cast(3600000000 as bigint)') }} as hour_at
        from days
        cross join (
            {% for number in range(1, 24) %}select {{ number }} as number{{ ' union all ' if not loop.last }}{% endfor %}
        ) as hours
        where date_on >= {{ add_days(today, -(retention.hourly_hours // 24) - 1) }}
    ) as each_hour
    where
        hour_at <= cast({{ now }} as {{ timestamp_type() }})
        and hour_at > {{ add_microseconds('cast(' ~ now ~ ' as ' ~ timestamp_type() ~ ')', '-' ~ retention.hourly_hours * 3600000000) }}
    {%- endif %}

)

select
    snapshot_at,
    snapshot_kind
    {%- if windows %},
    snapshot_at = max(snapshot_at) over () as is_latest,
    extract(year from snapshot_at) = extract(year from {{ today }}) as is_current_year,
    extract(year from snapshot_at) = extract(year from {{ today }}) - 1 as is_last_year,
    cast(snapshot_at as date) > {{ add_days(today, -365) }} as is_rolling_year
    {%- endif %}
from snapshots
{%- endif %}
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
