{#
    Makes landed bills and inventories readable where an engine wants to be told of folders. Redshift: external schema, an external table per kind,
    a partition per folder; run it before the first build, without folders for empty tables, and with each new month and delivery. Athena: the
    inventory's table and its partitions alone; it reads bills as they are. What is there stays.
    dbt run-operation register_s3_costs --args '{folders: {cur: [account-cur/year=2024/month=3],
    s3_inventory: [lake/all-versions/hive/dt=2024-03-01-01-00]}}'
    folders: lists of folders under the landing's own, by that: cur, cur2, focus, s3_inventory, s3_access_logs. role_arn: role that reads the files. catalog:
    database of the Glue Data Catalog.
#}
{% macro register_s3_costs(folders={}, role_arn='default', catalog='aws_bill') %}
    {{ return(adapter.dispatch('register_s3_costs', 'millrace')(folders, role_arn, catalog)) }}
{% endmacro %}

{% macro default__register_s3_costs(folders, role_arn, catalog) %}
    {{ log('millrace: this engine reads the landing folders itself; there is nothing to register.', info=true) }}
{% endmacro %}

{% macro redshift__register_s3_costs(folders, role_arn, catalog) %}
    {%- for statement_text in register_s3_costs_statements(folders, role_arn, catalog) -%}
        {%- do run_outside_transaction(statement_text) -%}
    {%- endfor -%}
    {{ log('millrace: bills and inventories are readable.', info=true) }}
{% endmacro %}

{% macro athena__register_s3_costs(folders, role_arn, catalog) %}
    {%- set node = landing_node('register_s3_costs', 'copy_s3_inventory', 'unloaded_files') -%}
    {%- set meta = node.config.meta -%}
    {%- set table = api.Relation.create(database=node.database, schema=node.schema, identifier=node.alias ~ '__landing') -%}
    {%- do create_schema(table) -%}
    {%- do run_query(athena_landing_ddl(table, var('landing_root').rstrip('/') ~ '/' ~ meta.landing_path, meta.landing_format, meta)) -%}
    {%- for folder in folders.get('s3_inventory', []) -%}
        {%- do run_query(add_landing_partition('copy_s3_inventory', table.render_hive(), folder)) -%}
    {%- endfor -%}
    {{ log('millrace: inventories are readable.', info=true) }}
{% endmacro %}


{# The statements that register_s3_costs() sends on Redshift; its arguments. #}
{% macro register_s3_costs_statements(folders, role_arn='default', catalog='aws_bill') %}
    {%- do check_role_arn('register_s3_costs', 'role_arn', role_arn) -%}
    {%- set models = {
        'cur': 'copy_cur_line_items', 'cur2': 'copy_cur2_line_items', 'focus': 'copy_focus_line_items', 's3_inventory': 'copy_s3_inventory',
        's3_access_logs': 'copy_s3_access_logs',
    } -%}
    {%- for kind in folders -%}
        {%- if kind not in models -%}{{ refuse_operation('register_s3_costs', 'folders', kind, 'one of ' ~ models.keys() | join(', ')) }}{%- endif -%}
    {%- endfor -%}
    {%- set statements = [
        "create external schema if not exists aws_bill from data catalog database '" ~ catalog ~ "' iam_role " ~ iam_role_text(role_arn)
        ~ " create external database if not exists"
    ] -%}
    {%- for kind, model_name in models.items() -%}
        {%- set meta = landing_node('register_s3_costs', model_name, 'unloaded_files').config.meta -%}
        {%- set table = meta.replica -%}
        {%- set columns = [] -%}
        {%- set types = inventory_table_columns(meta.copied_types) if meta.landing_symlinks else meta.copied_types -%}
        {%- for name, type in types.items() if type != 'map' -%}
            {%- do columns.append(name ~ ' ' ~ type | replace('varchar', 'varchar(65535)' if meta.landing_format == 'text' else 'varchar(4096)')) -%}
        {%- endfor -%}
        {%- set exists = run_query(
            "select 1 from svv_external_tables where schemaname = 'aws_bill' and tablename = '" ~ table.split('.')[1] ~ "'"
        ) if execute else none -%}
        {%- if not (exists and exists.rows) -%}
            {%- do statements.append(
                "create external table " ~ table ~ " (" ~ columns | join(', ') ~ ") partitioned by (folder varchar(1024)"
                ~ (
                    ", dt varchar(32)) " ~ inventory_storage('HiveIgnoreKeyTextOutputFormat')
                    if meta.landing_symlinks
                    else ") row format delimited fields terminated by '\\001' stored as textfile" if meta.landing_format == 'text'
                    else ') stored as parquet'
                )
                ~ " location '" ~ var('landing_root').rstrip('/') ~ '/' ~ meta.landing_path ~ "/'"
            ) -%}
        {%- endif -%}
        {%- for folder in folders.get(kind, []) -%}
            {%- do statements.append(add_landing_partition(model_name, table, folder)) -%}
        {%- endfor -%}
    {%- endfor -%}
    {{ return(statements) }}
{% endmacro %}


{# The statement that makes a folder a partition of an external table; the delivery of an inventory is part of it. Stops for what is no folder. #}
{% macro add_landing_partition(model_name, table, folder) %}
    {%- set meta = landing_node('register_s3_costs', model_name, 'unloaded_files').config.meta -%}
    {%- set delivery = modules.re.search('(^|/)dt=([0-9]{4}(-[0-9]{2}){4})$', folder | string) -%}
    {%- if not modules.re.match('^[A-Za-z0-9_.=-]+(/[A-Za-z0-9_.=-]+)*$', folder | string) -%}
        {{ refuse_operation('register_s3_costs', 'folders', folder, 'folders under ' ~ meta.landing_path ~ ', of letters, digits and . _ - =') }}
    {%- elif meta.landing_symlinks and not delivery -%}
        {{ refuse_operation('register_s3_costs', 'folders', folder, '<bucket>/<configuration>/hive/dt=yyyy-MM-dd-HH-mm') }}
    {%- endif -%}
    {{ return(
        "alter table " ~ table ~ " add if not exists partition (folder='" ~ folder ~ "'" ~ (", dt='" ~ delivery.group(2) ~ "'" if meta.landing_symlinks else '')
        ~ ") location '" ~ var('landing_root').rstrip('/') ~ '/' ~ meta.landing_path ~ '/' ~ folder ~ "/'"
    ) }}
{% endmacro %}
