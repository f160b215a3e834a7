{#
    Where a SQL model reads the result of a Python model: the model itself on the engines that run Python, and the table that
    another target filled, source('python_results', name), on Redshift, which runs none.
#}
{% macro python_result(name) %}{{ return(adapter.dispatch('python_result', 'millrace')(name)) }}{% endmacro %}

{% macro default__python_result(name) %}{{ return(ref(name)) }}{% endmacro %}

{% macro redshift__python_result(name) %}{{ return(source('python_results', name)) }}{% endmacro %}


{# Stops while the project is parsed when a Python model is enabled on an engine that cannot run it. #}
{% macro refuse_python_model(node) %}{{ return(adapter.dispatch('refuse_python_model', 'millrace')(node)) }}{% endmacro %}

{% macro default__refuse_python_model(node) %}{% endmacro %}

{% macro redshift__refuse_python_model(node) %}
    {%- if node and node.language == 'python' and node.config.enabled -%}
        {{ exceptions.raise_compiler_error(
            "millrace: " ~ node.name ~ " is a Python model, and Redshift runs none. Set +enabled for it in dbt_project.yml to "
            ~ '"{{ target.type != \'redshift\' }}", and let the models behind it read python_result(\'' ~ node.name
            ~ "') instead of ref() (docs/engines/redshift.md)."
        ) }}
    {%- endif -%}
{% endmacro %}
