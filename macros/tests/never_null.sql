{#
    Generic test: none of these columns is null in any row. One query for all of them, where dbt's own not_null takes one each.
    Fails with the columns that are null together, and in how many rows.
    columns: names of the columns.
#}
{% test never_null(model, columns) %}
    {{- config(fail_calc='coalesce(sum(row_count), 0)') -}}
    {%- if columns is string or columns | length == 0 -%}
        {{ exceptions.raise_compiler_error("millrace: never_null on " ~ model ~ ": 'columns' is a list of column names, got: " ~ columns) }}
    {%- endif -%}
select
    null_columns,
    count(*) as row_count
from (
    select
        {%- for column in columns %}
        case when {{ column }} is null then '{{ column }} ' else '' end{{ ' ||' if not loop.last else ' as null_columns' }}
        {%- endfor %}
    from {{ model }}
    where
        {%- for column in columns %}
        {{ 'or ' if not loop.first }}{{ column }} is null
        {%- endfor %}
) as incomplete
group by null_columns
{% endtest %}
