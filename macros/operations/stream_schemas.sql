{#
    Creates the external schema that streaming views read from, where it is missing (Redshift).
    dbt run-operation create_stream_schema --args '{schema: millrace_kinesis, source: kinesis, role_arns: [<own role>, <role of the
    stream's account>]}'
    schema: its name. source: kinesis or msk. role_arns: one role, or a chain: the first is the warehouse's own, each may assume the next.
    cluster_arn, authentication (none, iam or mtls), authentication_arn: of the MSK cluster. docs/streams.md has the policies.
#}
{% macro create_stream_schema(schema, source, role_arns, cluster_arn=none, authentication='iam', authentication_arn=none) %}
    {{ return(adapter.dispatch('create_stream_schema', 'millrace')(
        schema, source, role_arns, cluster_arn, authentication, authentication_arn
    )) }}
{% endmacro %}

{% macro default__create_stream_schema(schema, source, role_arns, cluster_arn, authentication, authentication_arn) %}
    {{ engine_refuses('create_stream_schema') }}
{% endmacro %}

{% macro redshift__create_stream_schema(schema, source, role_arns, cluster_arn, authentication, authentication_arn) %}
    {%- do run_outside_transaction(stream_schema_statement(schema, source, role_arns, cluster_arn, authentication, authentication_arn)) -%}
    {{ log("millrace: external schema " ~ schema ~ " is there.", info=true) }}
{% endmacro %}


{# The statement that create_stream_schema() sends; its arguments. #}
{% macro stream_schema_statement(schema, source, role_arns, cluster_arn=none, authentication='iam', authentication_arn=none) -%}
    {%- set roles = [role_arns] if role_arns is string else role_arns -%}
    {%- if not modules.re.match('^[a-z_][a-z0-9_]*$', schema) -%}
        {{ refuse_operation('create_stream_schema', 'schema', schema, 'a name of small letters, digits and underscores') }}
    {%- endif -%}
    {%- if source not in ('kinesis', 'msk') -%}{{ refuse_operation('create_stream_schema', 'source', source, 'kinesis or msk') }}{%- endif -%}
    {%- for role in roles -%}
        {%- do check_role_arn('create_stream_schema', 'role_arns', role) -%}
    {%- endfor -%}
    {%- if 'default' in roles and roles | length > 1 -%}
        {{ refuse_operation('create_stream_schema', 'role_arns', roles, 'a chain of ARNs; default cannot be one of them') }}
    {%- endif -%}
    {%- if source == 'msk' and not cluster_arn -%}
        {{ refuse_operation('create_stream_schema', 'cluster_arn', cluster_arn, "the cluster's ARN") }}
    {%- endif -%}
    {%- if source == 'msk' and authentication not in ('none', 'iam', 'mtls') -%}
        {{ refuse_operation('create_stream_schema', 'authentication', authentication, 'none, iam or mtls') }}
    {%- endif -%}
    create external schema if not exists {{ schema }}
    from {{ source }}
    iam_role {{ iam_role_text(roles) }}
    {%- if source == 'msk' %}
    authentication {{ authentication }}
    {%- if authentication_arn %}
    authentication_arn '{{ authentication_arn }}'
    {%- endif %}
    cluster_arn '{{ cluster_arn }}'
    {%- endif %}
{%- endmacro %}


{# Stops an operation where a role is neither an ARN nor `default`. #}
{% macro check_role_arn(operation, argument, role) %}
    {%- if role != 'default' and not modules.re.match('^arn:aws[a-z-]*:iam::[0-9]{12}:role/[A-Za-z0-9+=,.@_/-]+$', role) -%}
        {{ refuse_operation(operation, argument, role, 'arn:aws:iam::<12 digits>:role/<name>, or default') }}
    {%- endif -%}
    {{ return('') }}
{% endmacro %}


{# One role or a chain of them as Redshift's statements name it. A chain is separated by commas alone: a blank or a line break in it is refused. #}
{% macro iam_role_text(role_arns) %}
    {%- set roles = [role_arns] if role_arns is string else role_arns -%}
    {{ return('default' if roles == ['default'] else "'" ~ roles | join(',') ~ "'") }}
{% endmacro %}


{# Stops an operation over one of its arguments. #}
{% macro refuse_operation(operation, argument, value, expected) %}
    {{ exceptions.raise_compiler_error(
        "millrace: " ~ operation ~ ": '" ~ argument ~ "' is '" ~ value ~ "'. It should be " ~ expected ~ "."
    ) }}
{% endmacro %}


{# Keeps what an operation wrote: some of dbt's own macros open a transaction, and nobody ends it behind an operation. #}
{% macro commit_operation() %}{{ return(adapter.dispatch('commit_operation', 'millrace')()) }}{% endmacro %}

{% macro default__commit_operation() %}
    {#- opens one where none is open, for there has to be one -#}
    {%- call statement('last_of_operation', auto_begin=true) -%}select 1{%- endcall -%}
    {%- do adapter.commit() -%}
{% endmacro %}

{% macro athena__commit_operation() %}{{ return('') }}{% endmacro %}


{# Runs a statement that the engine refuses inside a transaction block. #}
{% macro run_outside_transaction(statement_text) %}
    {% call statement('outside_transaction', auto_begin=False) -%}{{ statement_text }}{%- endcall %}
{% endmacro %}


{# Relation of a model of this project by its name. #}
{% macro relation_of_model(operation, model_name) %}
    {%- for node in graph.nodes.values() -%}
        {%- if node.resource_type in ('model', 'snapshot') and node.name == model_name -%}
            {{ return(api.Relation.create(database=node.database, schema=node.schema, identifier=node.alias)) }}
        {%- endif -%}
    {%- endfor -%}
    {{ refuse_operation(operation, 'model', model_name, 'the name of a model of this project') }}
{% endmacro %}
