{# Time arithmetic. All timestamps are UTC without zone, with six digits behind the second. #}

{# Now, the same value for the whole statement. #}
{% macro now_utc() %}{{ return(adapter.dispatch('now_utc', 'millrace')()) }}{% endmacro %}

{% macro default__now_utc() %}{{ engine_refuses('now_utc') }}{% endmacro %}

{% macro duckdb__now_utc() -%}(current_timestamp at time zone 'UTC'){%- endmacro %}

{% macro redshift__now_utc() -%}sysdate{%- endmacro %}

{% macro athena__now_utc() -%}cast(current_timestamp at time zone 'UTC' as timestamp(6)){%- endmacro %}


{# Elapsed microseconds from one timestamp to another; negative where the second is the earlier one. #}
{% macro elapsed_us(started_at, ended_at) %}
    {{ return(adapter.dispatch('elapsed_us', 'millrace')(started_at, ended_at)) }}
{% endmacro %}

{% macro default__elapsed_us(started_at, ended_at) %}{{ engine_refuses('elapsed_us') }}{% endmacro %}

{% macro duckdb__elapsed_us(started_at, ended_at) -%}(epoch_us({{ ended_at }}) - epoch_us({{ started_at }})){%- endmacro %}

{% macro redshift__elapsed_us(started_at, ended_at) -%}datediff(microsecond, {{ started_at }}, {{ ended_at }}){%- endmacro %}

{% macro athena__elapsed_us(started_at, ended_at) -%}
    cast(
        round((to_unixtime({{ ended_at }}) - to_unixtime({{ started_at }})) * 1000000) as bigint
    )
{%- endmacro %}


{# Days from one date to another. #}
{% macro elapsed_days(started_on, ended_on) %}{{ return(adapter.dispatch('elapsed_days', 'millrace')(started_on, ended_on)) }}{% endmacro %}

{% macro duckdb__elapsed_days(started_on, ended_on) -%}({{ ended_on }} - {{ started_on }}){%- endmacro %}

{% macro default__elapsed_days(started_on, ended_on) -%}
    cast({{ elapsed_us('cast(' ~ started_on ~ ' as ' ~ timestamp_type() ~ ')', 'cast(' ~ ended_on ~ ' as ' ~ timestamp_type() ~ ')') }} / 86400000000 as bigint)
{%- endmacro %}


{# Elapsed minutes, with fraction. #}
{% macro elapsed_minutes(started_at, ended_at) -%}
    cast({{ elapsed_us(started_at, ended_at) }} as {{ float_type() }}) / 60000000
{%- endmacro %}


{# Timestamp of a count of milliseconds since 1970-01-01 00:00:00 UTC, which may be any number: beyond the years 1 and 9999 it is their first or last. #}
{% macro timestamp_from_epoch_ms(milliseconds) %}
    {{ return(adapter.dispatch('timestamp_from_epoch_ms', 'millrace')(milliseconds)) }}
{% endmacro %}

{% macro default__timestamp_from_epoch_ms(milliseconds) %}{{ engine_refuses('timestamp_from_epoch_ms') }}{% endmacro %}

{# A count within the years 1 to 9999; null stays null, which greatest() and least() leave out. #}
{% macro clamped_epoch(count, per_second) -%}
    {%- set first, last = -62135596800 * per_second, 253402300799 * per_second -%}
    (case when {{ count }} < {{ first }} then {{ first }} when {{ count }} > {{ last }} then {{ last }} else {{ count }} end)
{%- endmacro %}

{% macro duckdb__timestamp_from_epoch_ms(milliseconds) -%}epoch_ms({{ clamped_epoch(milliseconds, 1000) }}){%- endmacro %}

{# In days and the rest: dateadd() counts in 32 bits. #}
{% macro redshift__timestamp_from_epoch_ms(milliseconds) -%}
    {%- set count = clamped_epoch(milliseconds, 1000) %}
    dateadd(
        millisecond, cast({{ count }} % 86400000 as integer),
        dateadd(day, cast({{ count }} / 86400000 as integer), timestamp '1970-01-01 00:00:00')
    )
{%- endmacro %}

{# In days and the rest: date_add() counts in 32 bits. #}
{% macro athena__timestamp_from_epoch_ms(milliseconds) -%}
    {%- set count = clamped_epoch(milliseconds, 1000) %}
    date_add('millisecond', {{ count }} % 86400000, date_add('day', {{ count }} / 86400000, timestamp '1970-01-01 00:00:00.000000'))
{%- endmacro %}


{# The same for the time stamp of a Kafka record: -1 says that it has none. #}
{% macro timestamp_from_landed_ms(milliseconds) -%}
    case when {{ milliseconds }} <> -1 then {{ timestamp_from_epoch_ms(milliseconds) }} end
{%- endmacro %}


{#
    Whether a record cannot have been written then: before 1980, as seconds taken for milliseconds are, or more than a day after it
    arrived, as microseconds are.
#}
{% macro is_implausible_time(written_at, arrived_at) -%}
    ({{ written_at }} < cast('1980-01-01 00:00:00' as {{ timestamp_type() }}) or {{ written_at }} > {{ add_microseconds(arrived_at, 86400000000) }})
{%- endmacro %}


{# Timestamp of a count of microseconds since 1970-01-01 00:00:00 UTC. #}
{% macro timestamp_from_epoch_us(microseconds) %}
    {{ return(adapter.dispatch('timestamp_from_epoch_us', 'millrace')(microseconds)) }}
{% endmacro %}

{% macro default__timestamp_from_epoch_us(microseconds) %}{{ engine_refuses('timestamp_from_epoch_us') }}{% endmacro %}

{% macro duckdb__timestamp_from_epoch_us(microseconds) -%}make_timestamp({{ clamped_epoch(microseconds, 1000000) }}){%- endmacro %}

{% macro redshift__timestamp_from_epoch_us(microseconds) -%}
    {%- set count = clamped_epoch(microseconds, 1000000) %}
    dateadd(
        microsecond, cast({{ count }} % 1000000 as integer),
        dateadd(
            second, cast({{ count }} / 1000000 % 86400 as integer),
            dateadd(day, cast({{ count }} / 86400000000 as integer), timestamp '1970-01-01 00:00:00')
        )
    )
{%- endmacro %}

{% macro athena__timestamp_from_epoch_us(microseconds) -%}
    {#- nanoseconds in 64 bits end in 2262; beyond that, to the millisecond #}
    case
        when {{ microseconds }} between -9000000000000000 and 9000000000000000
            then cast(from_unixtime_nanos({{ microseconds }} * 1000) at time zone 'UTC' as timestamp(6))
        {%- set count = clamped_epoch(microseconds, 1000000) %}
        else date_add(
            'millisecond', {{ count }} / 1000 % 86400000, date_add('day', {{ count }} / 86400000000, timestamp '1970-01-01 00:00:00.000000')
        )
    end
{%- endmacro %}


{#
    Timestamp of a count since 1970-01-01 00:00:00 UTC whose unit is known by its size: seconds below 10 digits, milliseconds below 13,
    microseconds below 16, nanoseconds above. A number that no unit allowed gives a moment before the year 2287 is null.
    number: SQL expression of type bigint. units: those that it can have, of s, ms, us and ns.
#}
{% macro moment_of_count(number, units) -%}
    {%- set limits = {'s': 9999999999, 'ms': 9999999999999, 'us': 9999999999999999, 'ns': 9223372036854775807} -%}
    case
        {%- for unit in units %}
        when {{ number }} between -{{ limits[unit] }} and {{ limits[unit] }} then
            {%- if unit == 's' %} {{ timestamp_from_epoch_us('(' ~ number ~ ' * 1000000)') }}
            {%- elif unit == 'ms' %} {{ timestamp_from_epoch_us('(' ~ number ~ ' * 1000)') }}
            {%- elif unit == 'us' %} {{ timestamp_from_epoch_us('(' ~ number ~ ')') }}
            {%- else %} {{ timestamp_from_epoch_us('cast((' ~ number ~ ' - ' ~ number ~ ' % 1000) / 1000 as bigint)') }}
            {%- endif %}
        {%- endfor %}
    end
{%- endmacro %}


{# A timestamp moved by a number of microseconds, which may be an expression. #}
{% macro add_microseconds(timestamp, count) %}
    {{ return(adapter.dispatch('add_microseconds', 'millrace')(timestamp, count)) }}
{% endmacro %}

{% macro default__add_microseconds(timestamp, count) %}{{ engine_refuses('add_microseconds') }}{% endmacro %}

{% macro duckdb__add_microseconds(timestamp, count) -%}({{ timestamp }} + to_microseconds({{ count }})){%- endmacro %}

{# DATEADD takes a number of 32 bits: an expression may be more. #}
{% macro redshift__add_microseconds(timestamp, count) -%}
    {%- if count is number -%}
    dateadd(microsecond, {{ count }}, {{ timestamp }})
    {%- else -%}
    dateadd(microsecond, {{ count }} % 1000000, dateadd(second, {{ count }} / 1000000, {{ timestamp }}))
    {%- endif -%}
{%- endmacro %}

{# Trino has no interval shorter than a millisecond; seconds since 1970, a double, tell microseconds apart for two centuries yet. #}
{% macro athena__add_microseconds(timestamp, count) -%}
    cast(
        from_unixtime_nanos((cast(round(to_unixtime({{ timestamp }}) * 1000000) as bigint) + {{ count }}) * 1000) at time zone 'UTC'
        as timestamp(6)
    )
{%- endmacro %}


{# A date moved by a number of days, which may be a column. #}
{% macro add_days(date, days) %}{{ return(adapter.dispatch('add_days', 'millrace')(date, days)) }}{% endmacro %}

{% macro default__add_days(date, days) %}{{ engine_refuses('add_days') }}{% endmacro %}

{% macro duckdb__add_days(date, days) -%}cast({{ date }} + cast({{ days }} as integer) as date){%- endmacro %}

{% macro redshift__add_days(date, days) -%}cast(dateadd(day, cast({{ days }} as integer), {{ date }}) as date){%- endmacro %}

{% macro athena__add_days(date, days) -%}date_add('day', {{ days }}, {{ date }}){%- endmacro %}


{# Number of the day in the ISO week: 1 is Monday, 7 Sunday. #}
{% macro iso_day_of_week(date) %}{{ return(adapter.dispatch('iso_day_of_week', 'millrace')(date)) }}{% endmacro %}

{% macro default__iso_day_of_week(date) %}{{ engine_refuses('iso_day_of_week') }}{% endmacro %}

{% macro duckdb__iso_day_of_week(date) -%}cast(isodow({{ date }}) as integer){%- endmacro %}

{# Redshift counts Sunday as 0. #}
{% macro redshift__iso_day_of_week(date) -%}mod(cast(date_part(dow, {{ date }}) as integer) + 6, 7) + 1{%- endmacro %}

{% macro athena__iso_day_of_week(date) -%}cast(day_of_week({{ date }}) as integer){%- endmacro %}


{# The first day of a day's month. date: SQL expression. #}
{% macro month_of(date) -%}{{ add_days(date, '1 - cast(extract(day from ' ~ date ~ ') as integer)') }}{%- endmacro %}
