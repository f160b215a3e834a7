{#
    CTEs that split amounts so that the parts add up to the last digit; the last one is `exact_parts`, with cost_amount beside the columns there were.
    Each part is its share of the amount to twelve digits behind the point; the part with place 1 takes what is left.
    parts: name of a CTE with charge_amount (money), share (null: the whole) and place. amount: columns that tell one amount from another.
#}
{% macro exact_parts(parts, amount) -%}
rounded_parts as (

    select
        {{ parts }}.*,
        case
            when share is null then charge_amount
            else cast(cast(cast(charge_amount as {{ float_type() }}) * share as decimal(38, 12)) as {{ money_type() }})
        end as rounded_amount
    from {{ parts }}

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
