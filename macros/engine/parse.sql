{#
    Text to typed values. Each gives null for text that does not hold the type, the same on every engine: the text is
    held against a pattern first, because the engines' own casts round, trim and guess differently.
    is_bad_<type>() says whether a text is there but does not parse: staging puts such records into quarantine.
#}

{% macro matches_pattern(text, pattern) %}
    {{ return(adapter.dispatch('matches_pattern', 'millrace')(text, pattern)) }}
{% endmacro %}

{% macro default__matches_pattern(text, pattern) %}{{ engine_refuses('matches_pattern') }}{% endmacro %}

{% macro duckdb__matches_pattern(text, pattern) -%}regexp_matches({{ text }}, '{{ pattern }}'){%- endmacro %}

{% macro redshift__matches_pattern(text, pattern) -%}{{ text }} ~ '{{ pattern }}'{%- endmacro %}

{# A $ at the end would match before a newline that ends the text, as Java has it. #}
{% macro athena__matches_pattern(text, pattern) -%}
    regexp_like({{ text }}, '{{ pattern[:-1] ~ '\\z' if pattern.endswith('$') else pattern }}')
{%- endmacro %}


{# Whole number that a BIGINT holds; a fraction of zeros is allowed (files of data frames write 1.0). #}
{% macro to_integer(text) -%}
    case
        when {{ matches_pattern(text, '^[+-]?[0-9]{1,18}([.]0+)?$') }} then cast(split_part({{ text }}, '.', 1) as bigint)
        when {{ matches_pattern(text, '^[+-]?[0-9]{19}([.]0+)?$') }}
            then case
                when cast(split_part({{ text }}, '.', 1) as decimal(38, 0)) between -9223372036854775808 and 9223372036854775807
                    then cast(split_part({{ text }}, '.', 1) as bigint)
            end
    end
{%- endmacro %}


{#
    Decimal number with up to `scale` digits behind the point, where zeros do not count: what would have to be rounded is null, not rounded.
    precision: digits in all, at most 38.
#}
{% macro to_decimal(text, precision=18, scale=4) -%}
    {%- if precision is not number or scale is not number or not (0 <= scale <= precision and 1 <= precision <= 38) -%}
        {{ exceptions.raise_compiler_error(
            "millrace: " ~ model.name ~ ": to_decimal(): precision " ~ precision ~ " and scale " ~ scale ~ " are no decimal type. Use 1 to 38 digits, "
            ~ "of which the scale is at most all."
        ) }}
    {%- endif -%}
    {%- set whole = '[0-9]{1,' ~ (precision - scale) ~ '}' if precision > scale else '0' -%}
    {%- set fraction = '[.][0-9]{1,' ~ scale ~ '}0*' if scale > 0 else '[.]0+' -%}
    case
        when {{ matches_pattern(text, '^[+-]?' ~ whole ~ '(' ~ fraction ~ ')?$') }}
            then cast({{ 'split_part(' ~ text ~ ", '.', 1)" if scale == 0 else text }} as decimal({{ precision }}, {{ scale }}))
    end
{%- endmacro %}


{#
    Money, to 18 digits behind the point: as it is written where that is in plain digits, else as the nearest of a number with an exponent or more
    digits, which only doubles have.
#}
{% macro to_money(text) -%}
    case
        when {{ matches_pattern(text, '^[+-]?[0-9]{1,18}([.][0-9]{1,18})?$') }} then cast({{ text }} as {{ money_type() }})
        when {{ matches_pattern(text, '^[+-]?[0-9]{1,18}([.][0-9]*)?([eE][+-]?[0-9]{1,2})?$') }}
            then cast(cast({{ text }} as {{ float_type() }}) as {{ money_type() }})
    end
{%- endmacro %}


{# Type of money: exact, and with more digits than any bill. #}
{% macro money_type() %}{{ return('decimal(38, 18)') }}{% endmacro %}


{# Number with or without a fraction and an exponent. #}
{% macro to_float(text) -%}
    case
        when {{ matches_pattern(text, '^[+-]?[0-9]{1,200}([.][0-9]*)?([eE][+-]?[0-9]{1,2})?$') }} then cast({{ text }} as {{ float_type() }})
    end
{%- endmacro %}


{# Truth value from true, t, yes, y, 1 and their opposites, in any case. #}
{% macro to_boolean(text) -%}
    case
        when lower({{ text }}) in ('true', 't', 'yes', 'y', '1') then true
        when lower({{ text }}) in ('false', 'f', 'no', 'n', '0') then false
    end
{%- endmacro %}


{# Date written yyyy-mm-dd, with or without a time behind it. #}
{% macro to_date(text) %}
    {{ return(adapter.dispatch('to_date', 'millrace')(text)) }}
{% endmacro %}

{% macro default__to_date(text) -%}
    case
        when {{ matches_pattern(text, '^[0-9]{4}-[0-9]{2}-[0-9]{2}([ T].*)?$') }}
            then try_cast(substring({{ text }}, 1, 10) as date)
    end
{%- endmacro %}


{# Timestamp in UTC, without zone, from ISO 8601 text: 'T' or a blank between, up to 9 digits of a second, and an offset
   or Z that is applied. Text without an offset is taken as UTC. #}
{% macro to_timestamp_utc(text) %}
    {{ return(adapter.dispatch('to_timestamp_utc', 'millrace')(text)) }}
{% endmacro %}

{% macro timestamp_pattern() -%}
    ^[0-9]{4}-[0-9]{2}-[0-9]{2}([ T][0-9]{2}:[0-9]{2}:[0-9]{2}([.][0-9]{1,6})?(Z|[+-][0-9]{2}(:?[0-9]{2})?)?)?$
{%- endmacro %}

{# The same with seven to nine digits of a second: files of data frames and of Spark have nanoseconds. What is beyond microseconds is cut off. #}
{% macro finer_timestamp_pattern() -%}
    ^[0-9]{4}-[0-9]{2}-[0-9]{2}[ T][0-9]{2}:[0-9]{2}:[0-9]{2}[.][0-9]{7,9}(Z|[+-][0-9]{2}(:?[0-9]{2})?)?$
{%- endmacro %}

{% macro timestamp_to_microseconds(text) -%}substring({{ text }}, 1, 26) || {{ replace_pattern('substring(' ~ text ~ ', 27)', '^[0-9]*', '') }}{%- endmacro %}

{% macro default__to_timestamp_utc(text) %}{{ engine_refuses('to_timestamp_utc') }}{% endmacro %}

{% macro duckdb__to_timestamp_utc(text) -%}
    case
        when {{ matches_pattern(text, timestamp_pattern()) }}
            then try_cast({{ text }} as timestamptz) at time zone 'UTC'
        when {{ matches_pattern(text, finer_timestamp_pattern()) }}
            then try_cast({{ timestamp_to_microseconds(text) }} as timestamptz) at time zone 'UTC'
    end
{%- endmacro %}

{% macro redshift__to_timestamp_utc(text) -%}{{ duckdb__to_timestamp_utc(text) }}{%- endmacro %}

{% macro athena__to_timestamp_utc(text) -%}
    case
        when {{ matches_pattern(text, timestamp_pattern()) }}
            then cast(
                -- a day alone is no timestamp to it
                try(from_iso8601_timestamp_nanos(
                    replace({{ text }} || case when length({{ text }}) = 10 then 'T00:00:00' else '' end, ' ', 'T')
                ) at time zone 'UTC') as timestamp(6)
            )
        when {{ matches_pattern(text, finer_timestamp_pattern()) }}
            then cast(
                try(from_iso8601_timestamp_nanos(replace({{ timestamp_to_microseconds(text) }}, ' ', 'T')) at time zone 'UTC') as timestamp(6)
            )
    end
{%- endmacro %}


{# True where a text is there (blank text counts as absent) and the parsed value is null. #}
{% macro is_unparsed(text, value) -%}
    {{ clean_text(text) }} is not null and {{ value }} is null
{%- endmacro %}


{#
    Text with every match of a regular expression replaced. A group that is put back stands as \1 to \9 at the beginning of the replacement,
    empty where it has no part in the match. The pattern keeps to what all engines read alike: no backslash, no lazy repeats, no look-around.
    pattern: text, or with is_expression an SQL expression that gives it.
#}
{% macro replace_pattern(text, pattern, replacement, is_expression=false) %}
    {{ return(adapter.dispatch('replace_pattern', 'millrace')(text, pattern if is_expression else sql_literal(pattern), replacement)) }}
{% endmacro %}

{% macro default__replace_pattern(text, pattern, replacement) %}{{ engine_refuses('replace_pattern') }}{% endmacro %}

{% macro duckdb__replace_pattern(text, pattern, replacement) -%}regexp_replace({{ text }}, {{ pattern }}, '{{ replacement }}', 'g'){%- endmacro %}

{# A backslash in a literal escapes there. #}
{% macro redshift__replace_pattern(text, pattern, replacement) -%}
    {%- set rest = "chr(92) || '" ~ replacement[1:] ~ "'" if replacement.startswith('\\') else "'" ~ replacement ~ "'" -%}
    regexp_replace({{ text }}, {{ pattern }}, {{ rest }})
{%- endmacro %}

{% macro athena__replace_pattern(text, pattern, replacement) -%}
    regexp_replace({{ text }}, {{ pattern }}, '{{ '$' ~ replacement[1:] if replacement.startswith('\\') else replacement }}')
{%- endmacro %}


{# A text without backslashes as a literal. #}
{% macro sql_literal(text) %}{{ return("'" ~ text | replace("'", "''") ~ "'") }}{% endmacro %}
