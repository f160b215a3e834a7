{#
    Operations on the Iceberg tables that Athena keeps. Each takes the name of a model, runs one statement and says so; elsewhere they
    stop: Redshift and DuckDB tables have no snapshots to look back at, and vacuum themselves.
#}

{#
    A view of a table as it was some minutes ago, <table>__previous; it moves with the clock. For a fixed moment give as_of.
    dbt run-operation create_previous_snapshot_view --args '{model: current_dms__sporting_event, minutes_ago: 5}'
    model: name of the model. minutes_ago: how far back. as_of: 'yyyy-mm-dd hh:mm:ss' in UTC instead.
#}
{% macro create_previous_snapshot_view(model, minutes_ago=5, as_of=none) %}
    {{ return(adapter.dispatch('create_previous_snapshot_view', 'millrace')(model, minutes_ago, as_of)) }}
{% endmacro %}

{% macro default__create_previous_snapshot_view(model, minutes_ago, as_of) %}{{ engine_refuses('create_previous_snapshot_view') }}{% endmacro %}

{% macro athena__create_previous_snapshot_view(model, minutes_ago, as_of) %}
    {%- set relation = relation_of_model('create_previous_snapshot_view', model) -%}
    {%- set columns = [] -%}
    {%- for column in adapter.get_columns_in_relation(relation) -%}{%- do columns.append([column.name, column.data_type]) -%}{%- endfor -%}
    {%- do run_query(previous_snapshot_view(relation, columns, minutes_ago, as_of)) -%}
    {{ log("millrace: view " ~ relation.identifier ~ "__previous is there.", info=true) }}
{% endmacro %}


{# The statement of create_previous_snapshot_view(). A view of Athena holds timestamps with milliseconds only. #}
{% macro previous_snapshot_view(relation, columns, minutes_ago=5, as_of=none) -%}
    {%- if as_of and not modules.re.match('^[0-9]{4}-[0-9]{2}-[0-9]{2} [0-9]{2}:[0-9]{2}:[0-9]{2}$', as_of) -%}
        {{ refuse_operation('create_previous_snapshot_view', 'as_of', as_of, "written yyyy-mm-dd hh:mm:ss") }}
    {%- endif -%}
    create or replace view {{ relation.incorporate(path={'identifier': relation.identifier ~ '__previous'}) }} as
    select
        {%- for name, type in columns %}
        {{ 'cast(' ~ name ~ ' as timestamp(3)) as ' ~ name if type.startswith('timestamp') else name }}{{ ',' if not loop.last }}
        {%- endfor %}
    from {{ relation }}
    for timestamp as of {% if as_of -%}
        timestamp '{{ as_of }} UTC'
    {%- else -%}
        current_timestamp - interval '{{ minutes_ago | int }}' minute
    {%- endif %}
{%- endmacro %}


{#
    How long the old snapshots of a table are kept; `vacuum_table` then removes the others and their files.
    dbt run-operation set_snapshot_retention --args '{model: current_dms__sporting_event, max_age_seconds: 432000, keep: 3}'
    model: name of the model. max_age_seconds: snapshots older than this may go. keep: how many stay whatever their age.
#}
{% macro set_snapshot_retention(model, max_age_seconds=432000, keep=1) %}
    {{ return(adapter.dispatch('set_snapshot_retention', 'millrace')(model, max_age_seconds, keep)) }}
{% endmacro %}

{% macro default__set_snapshot_retention(model, max_age_seconds, keep) %}{{ engine_refuses('set_snapshot_retention') }}{% endmacro %}

{% macro athena__set_snapshot_retention(model, max_age_seconds, keep) %}
    {%- do run_query(snapshot_retention_statement(relation_of_model('set_snapshot_retention', model), max_age_seconds, keep)) -%}
    {{ log("millrace: " ~ model ~ " keeps " ~ keep ~ " snapshots, and those younger than " ~ max_age_seconds ~ " seconds.", info=true) }}
{% endmacro %}

{# The statement of set_snapshot_retention(). #}
{% macro snapshot_retention_statement(relation, max_age_seconds, keep) -%}
    {%- if keep | int < 1 -%}{{ refuse_operation('set_snapshot_retention', 'keep', keep, '1 or more') }}{%- endif -%}
    alter table {{ relation.render_hive() }} set tblproperties (
        'vacuum_max_snapshot_age_seconds' = '{{ max_age_seconds | int }}',
        'vacuum_min_snapshots_to_keep' = '{{ keep | int }}'
    )
{%- endmacro %}


{#
    Removes the snapshots that the retention lets go, and files that no snapshot names. What was deleted from the table is then deleted
    for good, for those whose right it is; with a retention of one snapshot that is all that was ever deleted.
    dbt run-operation vacuum_table --args '{model: current_dms__sporting_event}'
    model: name of the model.
#}
{% macro vacuum_table(model) %}{{ return(adapter.dispatch('vacuum_table', 'millrace')(model)) }}{% endmacro %}

{% macro default__vacuum_table(model) %}{{ engine_refuses('vacuum_table') }}{% endmacro %}

{% macro athena__vacuum_table(model) %}
    {#- a table with many old snapshots takes several runs, which the adapter makes -#}
    {%- do adapter.run_operation_with_potential_multiple_runs('vacuum ' ~ relation_of_model('vacuum_table', model).render_pure(), 'vacuum') -%}
    {{ log("millrace: " ~ model ~ " is vacuumed.", info=true) }}
{% endmacro %}


{#
    Writes the small files of a table together, and takes in the deletes that stand beside them.
    dbt run-operation optimize_table --args '{model: current_dms__sporting_event}'
    model: name of the model.
#}
{% macro optimize_table(model) %}{{ return(adapter.dispatch('optimize_table', 'millrace')(model)) }}{% endmacro %}

{% macro default__optimize_table(model) %}{{ engine_refuses('optimize_table') }}{% endmacro %}

{% macro athena__optimize_table(model) %}
    {%- do adapter.run_operation_with_potential_multiple_runs(
        'optimize ' ~ relation_of_model('optimize_table', model).render_pure() ~ ' rewrite data using bin_pack', 'optimize'
    ) -%}
    {{ log("millrace: the files of " ~ model ~ " are written together.", info=true) }}
{% endmacro %}
