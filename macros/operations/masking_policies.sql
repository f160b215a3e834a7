{#
    Masks every column of a model that its YAML classifies as personal (config meta classification: personal) for everybody but a role
    (Redshift dynamic data masking). Without a right, text reads '***' and anything else null. The marts that are built keep what they
    are; this is for tables that must hold the data, staging above all.
    dbt run-operation mask_personal_data --args '{model: current_kinesis__user_profiles, reader_role: personal_data_reader}'
    model: name of the model. reader_role: role that reads the values as they are; it must exist.
#}
{% macro mask_personal_data(model, reader_role) %}
    {{ return(adapter.dispatch('mask_personal_data', 'millrace')(model, reader_role)) }}
{% endmacro %}

{% macro default__mask_personal_data(model, reader_role) %}{{ engine_refuses('mask_personal_data') }}{% endmacro %}

{% macro redshift__mask_personal_data(model, reader_role) %}
    {%- set relation = relation_of_model('mask_personal_data', model) -%}
    {%- set classified = personal_columns(model) -%}
    {%- if not classified -%}
        {{ refuse_operation('mask_personal_data', 'model', model, 'a model with columns of config meta classification: personal') }}
    {%- endif -%}
    {%- for column in adapter.get_columns_in_relation(relation) -%}
        {%- if column.name in classified -%}
            {%- for statement in masking_statements(relation, column.name, column.data_type, reader_role) -%}
                {%- do run_query(statement) -%}
            {%- endfor -%}
        {%- endif -%}
    {%- endfor -%}
    {{ log("millrace: " ~ classified | join(', ') ~ " of " ~ model ~ " are masked for all but the role " ~ reader_role ~ ".", info=true) }}
{% endmacro %}


{# The statements of mask_personal_data() for one column. #}
{% macro masking_statements(relation, column, type, reader_role) %}
    {%- set kind = type.split('(')[0] | replace(' ', '_') -%}
    {%- set is_text = kind in ('character_varying', 'varchar') -%}
    {%- set masked_policy = 'millrace_masked_' ~ kind -%}
    {%- set open_policy = 'millrace_open_' ~ kind -%}
    {{ return([
        "create masking policy " ~ masked_policy ~ " if not exists with (value " ~ ('varchar(65535)' if is_text else type) ~ ") using ("
            ~ ("'***'::varchar(65535)" if is_text else "null::" ~ type) ~ ")",
        "create masking policy " ~ open_policy ~ " if not exists with (value " ~ ('varchar(65535)' if is_text else type) ~ ") using (value)",
        "attach masking policy " ~ masked_policy ~ " on " ~ relation ~ " (" ~ column ~ ") to public",
        "attach masking policy " ~ open_policy ~ " on " ~ relation ~ " (" ~ column ~ ") to role " ~ reader_role ~ " priority 10",
    ]) }}
{% endmacro %}


{# Names of a model's columns that its YAML classifies as personal. #}
{% macro personal_columns(model_name) %}
    {%- set names = [] -%}
    {%- for node in graph.nodes.values() if node.resource_type == 'model' and node.name == model_name -%}
        {%- for column in node.columns.values() -%}
            {%- if (column.config or {}).get('meta', {}).get('classification') == 'personal'
                or (column.meta or {}).get('classification') == 'personal' -%}
                {%- do names.append(column.name) -%}
            {%- endif -%}
        {%- endfor -%}
    {%- endfor -%}
    {{ return(names) }}
{% endmacro %}
