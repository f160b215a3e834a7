{#
    Makes the files of a replay readable on Redshift: external schema, an external table over the queries and one over the usage, a partition
    of each per cluster; what is there stays, and a cluster that reported no usage has an empty one. The other engines read the landing folder as it is.
    dbt run-operation register_replay --args '{what_if_timestamp: 2024-03-05-21-00-00, clusters: [baseline-ra3, serverless-32]}'
    what_if_timestamp: folder of the replay. clusters: their folders in it; none for the empty table alone. role_arn: role that reads the files.
    catalog: database of the Glue Data Catalog.
#}
{% macro register_replay(what_if_timestamp=none, clusters=[], role_arn='default', catalog='redshift_config_comparison') %}
    {{ return(adapter.dispatch('register_replay', 'millrace')(what_if_timestamp, clusters, role_arn, catalog)) }}
{% endmacro %}

{% macro default__register_replay(what_if_timestamp, clusters, role_arn, catalog) %}
    {{ log('millrace: this engine reads the landing folder itself; there is nothing to register.', info=true) }}
{% endmacro %}

{% macro redshift__register_replay(what_if_timestamp, clusters, role_arn, catalog) %}
    {%- for statement_text in register_replay_statements(what_if_timestamp, clusters, role_arn, catalog) -%}
        {%- do run_outside_transaction(statement_text) -%}
    {%- endfor -%}
    {{ log('millrace: ' ~ clusters | length ~ ' clusters of ' ~ what_if_timestamp ~ ' are readable.', info=true) }}
{% endmacro %}


{# The statements that register_replay() sends; its arguments. #}
{% macro register_replay_statements(what_if_timestamp, clusters, role_arn='default', catalog='redshift_config_comparison') %}
    {%- do check_role_arn('register_replay', 'role_arn', role_arn) -%}
    {%- set statements = [] -%}
    {%- for model_name in ('copy_replayed_queries', 'copy_serverless_usage') -%}
        {%- set meta = landing_node('register_replay', model_name, 'unloaded_files').config.meta -%}
        {%- set table = meta.replica -%}
        {%- set schema = table.split('.')[0] -%}
        {%- set root = var('landing_root').rstrip('/') ~ '/' ~ meta.landing_path -%}
        {%- set columns = [] -%}
        {%- for name, type in meta.copied_types.items() -%}
            {%- do columns.append(name ~ ' ' ~ type | replace('varchar', 'varchar(65535)')) -%}
        {%- endfor -%}
        {%- if loop.first -%}
            {%- do statements.append(
                "create external schema if not exists " ~ schema ~ " from data catalog database '" ~ catalog ~ "' iam_role "
                ~ iam_role_text(role_arn) ~ " create external database if not exists"
            ) -%}
        {%- endif -%}
        {%- set exists = run_query(
            "select 1 from svv_external_tables where schemaname = '" ~ schema ~ "' and tablename = '" ~ table.split('.')[1] ~ "'"
        ) if execute else none -%}
        {%- if not (exists and exists.rows) -%}
            {%- do statements.append(
                "create external table " ~ table ~ " (" ~ columns | join(', ') ~ ") "
                ~ "partitioned by (what_if_timestamp varchar(32), cluster_identifier varchar(256)) stored as parquet location '" ~ root ~ "/'"
            ) -%}
        {%- endif -%}
        {%- for cluster in clusters -%}
            {%- do check_replay_folder('register_replay', what_if_timestamp, cluster) -%}
            {%- do statements.append(
                "alter table " ~ table ~ " add if not exists partition (what_if_timestamp='" ~ what_if_timestamp
                ~ "', cluster_identifier='" ~ cluster ~ "') location '" ~ root ~ "/" ~ what_if_timestamp ~ "/" ~ cluster ~ "/'"
            ) -%}
        {%- endfor -%}
    {%- endfor -%}
    {{ return(statements) }}
{% endmacro %}


{#
    Unloads what a cluster says of the queries since a replay began, as the comparison reads it. Users who are gone are kept, by their number.
    Redshift: run it with that cluster as dbt's target; of a serverless warehouse it unloads the usage too.
    dbt run-operation unload_replay --target baseline --args '{what_if_timestamp: 2024-03-05-21-00-00, cluster: baseline-ra3}'
    Athena: of system views that Redshift delivers to tables in S3 Tables, in a folder that is empty yet.
    dbt run-operation unload_replay --target athena --args '{what_if_timestamp: 2024-03-05-21-00-00, cluster: baseline-ra3, warehouse: etl,
    system_table: "\"s3tablescatalog/aws-redshift\".\"<namespace>\".sys_query_history"}'
    what_if_timestamp: when the replay began, UTC, yyyy-mm-dd-hh-mm-ss. cluster: name of the folder, and of the configuration. role_arn: role
    that writes the files. columns: columns of sys_query_history, for a version that has not all of them. is_serverless: whether there is a
    sys_serverless_usage to unload (Redshift; it is not among what is delivered). warehouse: name of the cluster in the delivered table.
    system_table: that table, quoted as Athena wants it.
#}
{% macro unload_replay(what_if_timestamp, cluster, role_arn='default', columns=none, is_serverless=false, warehouse=none, system_table=none) %}
    {{ return(adapter.dispatch('unload_replay', 'millrace')(what_if_timestamp, cluster, role_arn, columns, is_serverless, warehouse, system_table)) }}
{% endmacro %}

{% macro default__unload_replay(what_if_timestamp, cluster, role_arn, columns, is_serverless, warehouse, system_table) %}{{ engine_refuses('unload_replay') }}{% endmacro %}

{% macro redshift__unload_replay(what_if_timestamp, cluster, role_arn, columns, is_serverless, warehouse, system_table) %}
    {%- do run_outside_transaction(unload_replay_statement(what_if_timestamp, cluster, role_arn, columns)) -%}
    {%- if is_serverless -%}
        {%- do run_outside_transaction(unload_usage_statement(what_if_timestamp, cluster, role_arn)) -%}
    {%- endif -%}
    {{ log('millrace: the queries of ' ~ cluster ~ ' since ' ~ what_if_timestamp ~ ' are unloaded.', info=true) }}
{% endmacro %}

{% macro athena__unload_replay(what_if_timestamp, cluster, role_arn, columns, is_serverless, warehouse, system_table) %}
    {%- do run_query(unload_delivered_replay_statement(what_if_timestamp, cluster, warehouse, system_table, columns)) -%}
    {{ log('millrace: the queries of ' ~ cluster ~ ' since ' ~ what_if_timestamp ~ ' are unloaded.', info=true) }}
{% endmacro %}


{# The statement that unload_replay() sends on Athena; its arguments. #}
{% macro unload_delivered_replay_statement(what_if_timestamp, cluster, warehouse, system_table, columns=none) %}
    {%- do check_replay_folder('unload_replay', what_if_timestamp, cluster) -%}
    {%- if not modules.re.match('^[A-Za-z0-9-]+$', warehouse | string) or not warehouse -%}
        {{ refuse_operation('unload_replay', 'warehouse', warehouse, 'the warehouse_name of the cluster in the delivered table: letters, digits and hyphens') }}
    {%- endif -%}
    {%- set meta = landing_node('unload_replay', 'copy_replayed_queries', 'unloaded_files').config.meta -%}
    {%- if not modules.re.match('^("[^"\']+"|[a-z0-9_]+)([.]("[^"\']+"|[a-z0-9_]+)){1,2}$', system_table | string) -%}
        {{ refuse_operation('unload_replay', 'system_table', system_table, 'the delivered table, for example "s3tablescatalog/aws-redshift"."<namespace>".sys_query_history') }}
    {%- endif -%}
    {%- set selected = [] -%}
    {%- for name in columns or meta.copied_columns -%}
        {%- set type = meta.copied_types[name] -%}
        {#- an UNLOAD there writes milliseconds; durations are columns of their own. Names of fixed length are padded. -#}
        {%- do selected.append(
            'cast(' ~ name ~ ' as timestamp(3)) as ' ~ name if type == 'timestamp' else ('trim(' ~ name ~ ') as ' ~ name if name == 'username' else name)
        ) -%}
    {%- endfor -%}
    {%- set day, time = what_if_timestamp[:10], what_if_timestamp[11:] | replace('-', ':') -%}
    {{ return(
        "unload (select " ~ selected | join(', ') ~ " from " ~ system_table ~ " where warehouse_name = '" ~ warehouse ~ "' and start_time >= timestamp '"
        ~ day ~ ' ' ~ time ~ "') to '" ~ var('landing_root').rstrip('/') ~ '/' ~ meta.landing_path ~ '/' ~ what_if_timestamp ~ '/' ~ cluster
        ~ "/' with (format = 'PARQUET')"
    ) }}
{% endmacro %}


{# The statement that unload_replay() sends for the queries; its arguments. #}
{% macro unload_replay_statement(what_if_timestamp, cluster, role_arn='default', columns=none) %}
    {%- set meta = landing_node('unload_replay', 'copy_replayed_queries', 'unloaded_files').config.meta -%}
    {%- set names = columns or meta.copied_columns | reject('equalto', 'username') | list -%}
    {{ return(unload_since_statement(
        "select history." ~ names | join(', history.') ~ ", trim(users.usename) as username from sys_query_history as history "
        ~ "left join pg_user as users on history.user_id = users.usesysid where history.start_time",
        meta.landing_path, what_if_timestamp, cluster, role_arn
    )) }}
{% endmacro %}


{# The statement that unload_replay() sends for the usage of a serverless warehouse; its arguments. #}
{% macro unload_usage_statement(what_if_timestamp, cluster, role_arn='default') %}
    {%- set meta = landing_node('unload_replay', 'copy_serverless_usage', 'unloaded_files').config.meta -%}
    {{ return(unload_since_statement(
        "select " ~ meta.copied_columns | join(', ') ~ " from sys_serverless_usage where end_time",
        meta.landing_path, what_if_timestamp, cluster, role_arn
    )) }}
{% endmacro %}


{# UNLOAD of a query since a replay began, into the folder of a cluster. query: it ends in the column with the time. #}
{% macro unload_since_statement(query, landing_path, what_if_timestamp, cluster, role_arn) %}
    {%- do check_role_arn('unload_replay', 'role_arn', role_arn) -%}
    {%- do check_replay_folder('unload_replay', what_if_timestamp, cluster) -%}
    {%- set day, time = what_if_timestamp[:10], what_if_timestamp[11:] | replace('-', ':') -%}
    {{ return(
        "unload ($$ " ~ query ~ " >= '" ~ day ~ ' ' ~ time ~ "' $$) to '" ~ var('landing_root').rstrip('/') ~ '/' ~ landing_path ~ '/'
        ~ what_if_timestamp ~ '/' ~ cluster ~ "/' iam_role " ~ iam_role_text(role_arn) ~ " format as parquet parallel off allowoverwrite"
    ) }}
{% endmacro %}


{# Stops where a replay or a cluster cannot be a folder. #}
{% macro check_replay_folder(operation, what_if_timestamp, cluster) %}
    {%- if not modules.re.match('^[0-9]{4}(-[0-9]{2}){5}$', what_if_timestamp | string) -%}
        {{ refuse_operation(operation, 'what_if_timestamp', what_if_timestamp, 'yyyy-mm-dd-hh-mm-ss') }}
    {%- endif -%}
    {%- if not modules.re.match('^[A-Za-z0-9_.-]+$', cluster | string) -%}
        {{ refuse_operation(operation, 'cluster', cluster, 'letters, digits, dots, hyphens and underscores') }}
    {%- endif -%}
    {{ return('') }}
{% endmacro %}
