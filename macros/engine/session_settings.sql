{# Statement a connection needs before it may navigate payloads. Redshift folds the case of JSON keys unless told not to. #}
{% macro session_settings() %}{{ return(adapter.dispatch('session_settings', 'millrace')()) }}{% endmacro %}

{% macro default__session_settings() %}{{ return('') }}{% endmacro %}

{% macro redshift__session_settings() %}{{ return('set enable_case_sensitive_identifier to true') }}{% endmacro %}
