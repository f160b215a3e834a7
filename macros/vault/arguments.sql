{# Checks that the vault macros share. Messages name the model, the argument and the fix. #}

{% macro require_arguments(macro_name, arguments) %}
    {%- for name, value in arguments.items() -%}
        {%- if value is none or value is undefined or value in ('', [], {}) -%}
            {{ exceptions.raise_compiler_error(
                "millrace: " ~ model.name ~ ": " ~ macro_name ~ "() needs the argument '" ~ name ~ "': "
                ~ argument_documentation(macro_name, name)
            ) }}
        {%- endif -%}
    {%- endfor -%}
{% endmacro %}


{# What the macro's YAML says about one of its arguments. #}
{% macro argument_documentation(macro_name, argument_name) %}
    {%- set documented = (graph.get('macros') or {}).get('macro.millrace.' ~ macro_name) if graph else none -%}
    {%- for argument in (documented.arguments if documented else []) -%}
        {%- if argument.name == argument_name -%}{{ return(argument.description | trim) }}{%- endif -%}
    {%- endfor -%}
    {{ return("see macros/vault/_vault__macros.yml.") }}
{% endmacro %}


{% macro refuse_unique_key(macro_name) %}
    {%- if config.get('unique_key') -%}
        {{ exceptions.raise_compiler_error(
            "millrace: " ~ model.name ~ ": " ~ macro_name ~ "() is insert-only and takes no unique_key (got "
            ~ config.get('unique_key') ~ "). Remove unique_key from the model's config: with it, history would be replaced."
        ) }}
    {%- endif -%}
{% endmacro %}
