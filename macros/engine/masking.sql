{#
    A value of which only what tells nobody's name is left. kind: email (its domain), digits (the last two), year (of a date). Null stays
    null.
#}
{% macro masked(column, kind) %}
    {%- if kind == 'email' -%}
        {{ return("case when " ~ column ~ " like '%@%' then '***@' || split_part(" ~ column ~ ", '@', 2) when " ~ column
            ~ " is not null then '***' end") }}
    {%- elif kind == 'digits' -%}
        {{ return("translate(substring(" ~ column ~ ", 1, greatest(length(" ~ column ~ ") - 2, 0)), '0123456789', '**********') "
            ~ "|| substring(" ~ column ~ ", greatest(length(" ~ column ~ ") - 1, 1))") }}
    {%- elif kind == 'year' -%}
        {{ return("extract(year from " ~ column ~ ")") }}
    {%- endif -%}
    {{ exceptions.raise_compiler_error(
        "millrace: " ~ model.name ~ ": masked() knows the kinds email, digits and year, not '" ~ kind ~ "'."
    ) }}
{% endmacro %}
