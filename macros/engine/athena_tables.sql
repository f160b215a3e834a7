{#
    In the place of dbt-athena's: whatever does not say otherwise is an Iceberg table on Athena, also seeds, snapshots and the tables in which
    dbt looks up the types of a unit test. A table of Hive holds timestamps with milliseconds only.
#}
{% macro resolve_table_type() %}{{ return((config.get('table_type') or 'iceberg') | lower) }}{% endmacro %}
