{#
    dbt's own macro with one thing added: under --empty and --sample a snapshot sees less than there is, and what it does not see is not
    gone. Nothing is written then.
#}
{% macro snapshot_staging_table(strategy, source_sql, target_relation) -%}
    {%- set staged = adapter.dispatch('snapshot_staging_table', 'dbt')(strategy, source_sql, target_relation) -%}
    {%- if reads_less_than_there_is() -%}
    select seen.*
    from (
        {{ staged }}
    ) as seen
    where 1 = 0
    {%- else -%}
    {{ staged }}
    {%- endif -%}
{%- endmacro %}
