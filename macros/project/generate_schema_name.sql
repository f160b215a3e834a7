{#
    Schema of a model: production owns the plain layer names (staging, vault, marts); everyone else works in
    <target schema>_<layer>, so that a developer cannot write over production.
    Production is what runs with MILLRACE_ENV=production.
#}
{% macro generate_schema_name(custom_schema_name, node) -%}
    {#- dbt asks for every node's schema while it parses: the place to refuse a node early -#}
    {%- do refuse_python_model(node) -%}
    {{ return(schema_name_for(custom_schema_name, target.schema, env_var('MILLRACE_ENV', 'development'))) }}
{%- endmacro %}

{% macro schema_name_for(custom_schema_name, target_schema, environment) %}
    {%- set layer = custom_schema_name | trim if custom_schema_name else none -%}
    {%- if environment not in ('development', 'production') -%}
        {{ exceptions.raise_compiler_error(
            "millrace: MILLRACE_ENV is '" ~ environment ~ "'. Set it to production, or to development (the default)."
        ) }}
    {%- endif -%}
    {%- if layer is none -%}{{ return(target_schema) }}{%- endif -%}
    {%- if environment == 'production' -%}{{ return(layer) }}{%- endif -%}
    {{ return(target_schema ~ '_' ~ layer) }}
{% endmacro %}
