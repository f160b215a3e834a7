{#
    How stg_ models stand: a view, but on Athena ephemeral, part of the statements that read them. A view of Athena holds timestamps with
    milliseconds only, and what is told apart by microseconds would fall together.
    {{ config(materialized=staging_materialization()) }}
#}
{% macro staging_materialization() %}{{ return('ephemeral' if target.type == 'athena' else 'view') }}{% endmacro %}


{# In the place of dbt-athena's: Athena refuses a view with a timestamp of more than three digits, so a view shows the first three of six. #}
{% macro athena__create_view_as(relation, sql) -%}
    {#- dbt's macro asks for no rows; the adapter's method would run the view in full and write its rows to the bucket of results -#}
    {%- set columns = get_column_schema_from_query(sql) -%}
    {%- if config.get('contract').enforced -%}{{ get_assert_columns_equivalent(sql) }}{%- endif -%}
    create or replace view {{ relation }} as
    {%- if columns | selectattr('dtype', 'equalto', 'TIMESTAMP') | list %}
    select
        {%- for column in columns %}
        {{ 'cast(' ~ column.quoted ~ ' as timestamp(3)) as ' ~ column.quoted if column.dtype == 'TIMESTAMP' else column.quoted }}
        {{- ',' if not loop.last }}
        {%- endfor %}
    from (
        {{ sql }}
    ) as shown
    {%- else %}
    {{ sql }}
    {%- endif %}
{%- endmacro %}
