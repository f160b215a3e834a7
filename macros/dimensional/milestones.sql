{#
    Columns of an accumulating snapshot: the first moment at which a row reached each status. Goes into a SELECT that is grouped by the row.
    status: column with the status. reached_at: column with the moment. names: column names, each with its status.
#}
{% macro milestones(status, reached_at, names) -%}
    {%- for name, value in names.items() -%}
    min(case when {{ status }} = '{{ value }}' then {{ reached_at }} end) as {{ name }}{{ ',\n        ' if not loop.last }}
    {%- endfor -%}
{%- endmacro %}


{#
    Fiscal columns of a calendar: fiscal_year_number (named by the year in which it ends), fiscal_quarter_number, fiscal_month_number.
    year, month: columns with the calendar's year and month. starts_in_month: 1 to 12; the variable fiscal_year_starts_in_month.
#}
{% macro fiscal_columns(year, month, starts_in_month=none) -%}
    {%- set first = starts_in_month or var('fiscal_year_starts_in_month') -%}
    {%- if first not in range(1, 13) -%}
        {{ exceptions.raise_compiler_error(
            "millrace: " ~ model.name ~ ": fiscal_year_starts_in_month is a month from 1 to 12, got " ~ first ~ "."
        ) }}
    {%- endif -%}
    {%- set month_number = 'mod(' ~ month ~ ' + ' ~ (12 - first) ~ ', 12) + 1' -%}
    {{ year }}{{ ' + case when ' ~ month ~ ' >= ' ~ first ~ ' then 1 else 0 end' if first > 1 }} as fiscal_year_number,
    case
        when {{ month_number }} <= 3 then 1
        when {{ month_number }} <= 6 then 2
        when {{ month_number }} <= 9 then 3
        else 4
    end as fiscal_quarter_number,
    cast({{ month_number }} as integer) as fiscal_month_number
{%- endmacro %}
