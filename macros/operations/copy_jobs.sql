{#
    The copy jobs behind copied_files models on Redshift, by hand. A run creates a missing job and runs it; these are for everything else.
    dbt run-operation copy_job --args '{action: run, model: copy_store_sales}'
    action: run; drop (the job alone; the table stays, and the next run of the model makes no new job until it is created);
    create (after a drop, or on a table that came without a job: files taken before are loaded again, and staging counts them as
    duplicates); auto_on and auto_off (whether the service loads files as they arrive). model: name of the copy_ model.
#}
{% macro copy_job(action, model) %}{{ return(adapter.dispatch('copy_job', 'millrace')(action, model)) }}{% endmacro %}

{% macro default__copy_job(action, model) %}{{ engine_refuses('copy_job') }}{% endmacro %}

{% macro redshift__copy_job(action, model) %}
    {%- set node = landing_node('copy_job', model) -%}
    {%- set job = 'millrace_' ~ node.schema ~ '_' ~ node.alias -%}
    {%- set statements = {
        'run': 'copy job run ' ~ job, 'drop': 'copy job drop ' ~ job, 'auto_on': 'copy job alter ' ~ job ~ ' auto on',
        'auto_off': 'copy job alter ' ~ job ~ ' auto off', 'create': none,
    } -%}
    {%- if action not in statements -%}
        {{ refuse_operation('copy_job', 'action', action, 'one of ' ~ statements.keys() | join(', ')) }}
    {%- endif -%}
    {%- set relation = api.Relation.create(database=node.database, schema=node.schema, identifier=node.alias) -%}
    {%- do run_outside_transaction(statements[action] or copy_job_statement(relation, job, node.config.meta)) -%}
    {{ log("millrace: copy job " ~ job ~ ": " ~ action ~ " done.", info=true) }}
{% endmacro %}


{# Node of a landing model by its name. #}
{% macro landing_node(operation, model_name, materialized='copied_files') %}
    {%- for node in graph.nodes.values() -%}
        {%- if node.resource_type == 'model' and node.name == model_name and node.config.materialized == materialized -%}
            {{ return(node) }}
        {%- endif -%}
    {%- endfor -%}
    {{ refuse_operation(operation, 'model', model_name, 'the name of a model with materialized ' ~ materialized) }}
{% endmacro %}


{#
    Prints the jobs with whether they run by themselves, and the files that COPY refused in the last days: name, line, column and reason.
    dbt run-operation copy_job_health --args '{days: 7}'
    days: how far back errors are looked at.
#}
{% macro copy_job_health(days=7) %}{{ return(adapter.dispatch('copy_job_health', 'millrace')(days)) }}{% endmacro %}

{% macro default__copy_job_health(days) %}{{ engine_refuses('copy_job_health') }}{% endmacro %}

{% macro redshift__copy_job_health(days) %}
    {%- set jobs = run_query("select job_name, is_auto from sys_copy_job where job_name like 'millrace%' order by job_name") -%}
    {{ print('Copy jobs: ' ~ jobs.rows | length) }}
    {%- for row in jobs.rows -%}
        {{ print('  ' ~ row[0] | trim ~ (' (loads by itself)' if row[1] == 1 else '')) }}
    {%- endfor -%}
    {%- set errors = run_query(
        "select file_name, line_number, column_name, error_message from sys_load_error_detail where start_time > "
        ~ "dateadd(day, -" ~ days | int ~ ", " ~ now_utc() ~ ") order by start_time desc limit 50"
    ) -%}
    {{ print('Refused files: ' ~ errors.rows | length) }}
    {%- for row in errors.rows -%}
        {{ print('  ' ~ row[0] | string | trim ~ ', line ' ~ row[1] ~ ', ' ~ row[2] ~ ': ' ~ row[3] | string | trim) }}
    {%- endfor -%}
{% endmacro %}
