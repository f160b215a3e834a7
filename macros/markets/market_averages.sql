{#
    Exponential averages without recursion: CTEs `<name>_terms`, `<name>_sums` and `<name>`, which has the rows of `source` with a column more per
    series. Each comma included, as CTEs of a chain.
    An average E of x with weight a is E = a * x + (1 - a) * E of the row before. It is also the sum of a * (1 - a)^k * x over the rows, k rows back.
    The weights of one sum differ from row to row, so each value is taken times (1 - a)^-p, p being its place in a block of rows, and the sum over the
    last rows times (1 - a)^p of the row that asks. A block is so long that the rows before the block before it weigh less than 1e-14 in all; so no
    power gets large, a frame of one block's length is enough, and all series share one order of rows. The terms are decimals: their sum does not
    depend on the order in which an engine adds them up.
    name: of the last CTE. source: CTE with symbol and candle_number, which counts each symbol's rows from 0. series: list of {name: column,
    value: SQL expression of the source, rows: first row's number, seed: SQL expression for the average of that row, numerator and denominator: of the
    weight a, scale: digits of the terms}.
#}
{% macro market_averages(name, source, series) -%}
{{ name }}_terms as (

    select
        {{ source }}.*
        {%- for each in series %}
        {%- set share = market_average_share(each) %}
        {%- set place = 'candle_number % ' ~ market_average_block(each) %},
        case when {{ market_average_block_number(each) }} % 2 = 0 then 0 else 1 end as {{ each.name }}_side,
        cast(
            case
                when candle_number < {{ each.rows }} then 0
                when candle_number = {{ each.rows }} then cast({{ each.seed }} as {{ float_type() }}) * {{ each.denominator }} / {{ each.numerator }}
                else cast({{ each.value }} as {{ float_type() }})
            end * {{ market_power(share, '-(' ~ place ~ ')') }} as decimal(38, {{ each.scale }})
        ) as {{ each.name }}_term
        {%- endfor %}
    from {{ source }}

),

{{ name }}_sums as (

    select
        {{ name }}_terms.*
        {%- for each in series %}
        {%- for side in (0, 1) %},
        coalesce(sum(case when {{ each.name }}_side = {{ side }} then {{ each.name }}_term end) over (
            partition by symbol order by candle_number rows between {{ market_average_block(each) }} preceding and current row
        ), 0) as {{ each.name }}_sum_{{ side }}
        {%- endfor %}
        {%- endfor %}
    from {{ name }}_terms

),

{{ name }} as (

    select
        {{ name }}_sums.*
        {%- for each in series %}
        {%- set share = market_average_share(each) %}
        {%- set block = market_average_block(each) %}
        {%- set place = 'candle_number % ' ~ block %},
        case
            when candle_number >= {{ each.rows }}
                then (
                    {{ market_power(share, place) }}
                    * cast(case when {{ each.name }}_side = 0 then {{ each.name }}_sum_0 else {{ each.name }}_sum_1 end as {{ float_type() }})
                    + {{ market_power(share, place ~ ' + ' ~ block) }}
                    * cast(case when {{ each.name }}_side = 0 then {{ each.name }}_sum_1 else {{ each.name }}_sum_0 end as {{ float_type() }})
                ) * {{ each.numerator }} / {{ each.denominator }}
        end as {{ each.name }}
        {%- endfor %}
    from {{ name }}_sums

),
{%- endmacro %}


{# What of an average stays from one row to the next: 1 - a. #}
{% macro market_average_share(each) -%}
(cast({{ each.denominator - each.numerator }} as {{ float_type() }}) / {{ each.denominator }})
{%- endmacro %}


{# Rows of a block: (1 - a)^(32.3 / a) is below exp(-32.3), which is 1e-14. #}
{% macro market_average_block(each) %}{{ return((32.3 * each.denominator / each.numerator) | round(0, 'ceil') | int) }}{% endmacro %}


{# Number of a row's block. #}
{% macro market_average_block_number(each) -%}
{%- set block = market_average_block(each) -%}
cast((candle_number - candle_number % {{ block }}) / {{ block }} as bigint)
{%- endmacro %}


{# A double to the power of a number. #}
{% macro market_power(base, exponent) %}{{ return(adapter.dispatch('market_power', 'millrace')(base, exponent)) }}{% endmacro %}

{% macro default__market_power(base, exponent) -%}power({{ base }}, {{ exponent }}){%- endmacro %}

{% macro redshift__market_power(base, exponent) -%}({{ base }} ^ ({{ exponent }})){%- endmacro %}
