{#
    CTEs that split amounts so that the parts add up to the last digit; the last one is `exact_parts`, with cost_amount beside the columns there were.
    Each part is its share of the amount to twelve digits behind the point, exact halves away from zero; the part with place 1 takes what is left.
    Doubles tell the twelfth digit of most parts. Where they do not (parts near a half, or of many digits) the share is worked out in whole numbers:
    the amount in units of 10^-18 is divided like on paper, in steps of nine digits, because a product of amount and weight has more digits than any
    engine's decimals. A quotient of doubles is at most one off, and what remains says so.
    parts: name of a CTE with charge_amount (money), weight and total_weight (whole numbers of up to 24 digits; null: the whole) and place.
    amount: columns that tell one amount from another, and with place one part from another.
#}
{% macro exact_parts(parts, amount) -%}
{%- set unit = 'decimal(38, 0)' -%}
{%- set thousand_million = 'cast(1000000000 as decimal(10, 0))' -%}
-- in units of the twelfth digit; a double is within four of its last bits
estimated_parts as (

    select
        {{ parts }}.*,
        cast(charge_amount as {{ float_type() }}) * cast(weight as {{ float_type() }})
        / cast(total_weight as {{ float_type() }}) * 1e12 as estimate
    from {{ parts }}

),

close_parts as (

    select
        {{ amount }},
        place,
        charge_amount,
        weight,
        total_weight
    from estimated_parts
    where abs(abs(estimate) - floor(abs(estimate)) - 0.5) <= 4e-15 * abs(estimate) + 1e-6

),

part_digits as (

    select
        close_parts.*,
        cast(floor(abs(charge_amount)) as {{ unit }}) as first_digits,
        {{ fraction_of('abs(charge_amount)') | indent(8) }} * {{ thousand_million }} as fraction_digits,
        cast(total_weight as {{ unit }}) as whole_weight,
        cast(weight as {{ unit }}) as part_weight
    from close_parts

),

part_steps as (

    select
        part_digits.*,
        cast(floor(fraction_digits) as {{ unit }}) as second_digits,
        cast({{ fraction_of('fraction_digits') | indent(8) }} * {{ thousand_million }} as {{ unit }}) as third_digits,
        cast(0 as {{ unit }}) as remainder_0
    from part_digits

),
{% for digits in ['first_digits', 'second_digits', 'third_digits'] %}
{%- set number = loop.index %}
part_guess_{{ number }} as (

    select
        {{ 'part_steps' if loop.first else 'part_step_' ~ (number - 1) }}.*,
        remainder_{{ number - 1 }} * {{ thousand_million }} + {{ digits }} * part_weight as dividend_{{ number }},
        cast(floor(
            cast(remainder_{{ number - 1 }} * {{ thousand_million }} + {{ digits }} * part_weight as {{ float_type() }})
            / cast(whole_weight as {{ float_type() }})
        ) as {{ unit }}) as guess_{{ number }}
    from {{ 'part_steps' if loop.first else 'part_step_' ~ (number - 1) }}

),

part_step_{{ number }} as (

    select
        part_guess_{{ number }}.*,
        guess_{{ number }} + case
            when dividend_{{ number }} - guess_{{ number }} * whole_weight < 0 then -1
            when dividend_{{ number }} - guess_{{ number }} * whole_weight >= whole_weight then 1
            else 0
        end as quotient_{{ number }},
        dividend_{{ number }} - guess_{{ number }} * whole_weight + case
            when dividend_{{ number }} - guess_{{ number }} * whole_weight < 0 then whole_weight
            when dividend_{{ number }} - guess_{{ number }} * whole_weight >= whole_weight then -whole_weight
            else 0
        end as remainder_{{ number }}
    from part_guess_{{ number }}

),
{% endfor %}
worked_out_parts as (

    select
        {{ amount }},
        place,
        cast(round(
            cast(quotient_1 as {{ money_type() }})
            + cast(cast(quotient_2 as decimal(18, 0)) * cast(0.000000001 as decimal(9, 9)) as {{ money_type() }})
            + cast(cast(quotient_3 as decimal(18, 0)) * cast('0.000000000000000001' as decimal(18, 18)) as {{ money_type() }}),
            12
        ) as {{ money_type() }}) as size_amount
    from part_step_3

),

rounded_parts as (

    select
        estimated_parts.*,
        case
            when estimated_parts.total_weight is null then estimated_parts.charge_amount
            when worked_out_parts.place is null
                then cast(
                    cast(round(estimated_parts.estimate) as decimal(18, 0)) * cast('0.000000000001' as decimal(12, 12)) as {{ money_type() }}
                )
            when estimated_parts.charge_amount < 0 then -worked_out_parts.size_amount
            else worked_out_parts.size_amount
        end as rounded_amount
    from estimated_parts
    left join worked_out_parts
        on
            {%- for column in amount.split(', ') %}
            estimated_parts.{{ column }} = worked_out_parts.{{ column }} and
            {%- endfor %}
            estimated_parts.place = worked_out_parts.place

),

exact_parts as (

    select
        rounded_parts.*,
        cast(
            rounded_amount
            + case
                when place = 1 then charge_amount - sum(rounded_amount) over (partition by {{ amount }})
                else 0
            end as {{ money_type() }}
        ) as cost_amount
    from rounded_parts

)
{%- endmacro %}


{# What an amount has behind the point. Types are as narrow as they can be: Redshift takes digits from the scale where a result would have more than 38. #}
{% macro fraction_of(amount) -%}
cast(cast({{ amount }} as decimal(37, 18)) - cast(floor({{ amount }}) as decimal(19, 0)) as decimal(19, 18))
{%- endmacro %}


{# Money above zero as a weight of exact_parts(): whole units of 10^-18. amount: SQL expression, below 10^9. #}
{% macro money_weight(amount) -%}
{%- set units = 'cast(1000000000000000000 as decimal(19, 0))' -%}
cast(floor({{ amount }}) as decimal(38, 0)) * {{ units }}
+ cast({{ fraction_of(amount) }} * {{ units }} as decimal(38, 0))
{%- endmacro %}
