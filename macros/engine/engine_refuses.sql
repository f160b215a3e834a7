{# Stops a build on an engine for which a macro says nothing: guessing would change the meaning of a result. #}
{% macro engine_refuses(macro_name) %}
    {{ exceptions.raise_compiler_error(
        "millrace: the macro '" ~ macro_name ~ "' has no body for the engine '" ~ target.type
        ~ "'. Add " ~ target.type ~ "__" ~ macro_name ~ " under macros/engine/, or use duckdb, redshift or athena."
    ) }}
{% endmacro %}
