{# Generic test: no two rows have the same values in these columns. Nulls count as equal. #}
{% test unique_combination(model, columns) %}
    {%- if columns is string or columns | length == 0 -%}
        {{ exceptions.raise_compiler_error(
            "millrace: unique_combination on " ~ model ~ ": 'columns' is a list of column names, got: " ~ columns
        ) }}
    {%- endif -%}
select
    {{ columns | join(',\n    ') }},
    count(*) as row_count
from {{ model }}
group by {{ columns | join(', ') }}
having count(*) > 1
{% endtest %}
