{# Test-only: renders either branch of an incremental model without asking a database. Copied into a scratch project. #}
{% macro is_incremental() %}
    {{ return(execute and model.config.materialized == 'incremental' and var('static_compile') == 'incremental') }}
{% endmacro %}
