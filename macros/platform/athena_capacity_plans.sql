{#
    The variable athena_capacity_plans: a list of {dpus: 24, minutes: 480}. Stops for a plan that Athena does not sell: fewer than 24 DPUs, DPUs
    in other steps than four, or no minutes.
#}
{% macro athena_capacity_plans() %}
    {%- set plans = var('athena_capacity_plans', [{'dpus': 24, 'minutes': 480}]) -%}
    {%- for plan in plans -%}
        {%- if plan is not mapping or plan.get('dpus') is not integer or plan.dpus < 24 or plan.dpus % 4 or plan.get('minutes') is not integer or plan.minutes < 1 -%}
            {{ exceptions.raise_compiler_error(
                "millrace: " ~ model.name ~ ": the variable athena_capacity_plans needs dpus (24 or more, in steps of 4) and minutes in each plan, for "
                ~ "example {dpus: 24, minutes: 480}; got " ~ plan ~ "."
            ) }}
        {%- endif -%}
    {%- endfor -%}
    {{ return(plans) }}
{% endmacro %}
