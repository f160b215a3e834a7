{# Statement a connection needs before it may navigate payloads. Redshift folds the case of JSON keys unless told not to. #}
{% macro session_settings() %}{{ return(adapter.dispatch('session_settings', 'millrace')()) }}{% endmacro %}

{% macro default__session_settings() %}{{ return('') }}{% endmacro %}

{% macro redshift__session_settings() %}{{ return('set enable_case_sensitive_identifier to true') }}{% endmacro %}


{# Statement that ends runaway queries of this connection after MILLRACE_STATEMENT_TIMEOUT_MS milliseconds (Redshift). #}
{% macro statement_timeout() %}{{ return(adapter.dispatch('statement_timeout', 'millrace')()) }}{% endmacro %}

{% macro default__statement_timeout() %}{{ return('') }}{% endmacro %}

{% macro redshift__statement_timeout() %}
    {%- set milliseconds = env_var('MILLRACE_STATEMENT_TIMEOUT_MS', '0') -%}
    {{ return('set statement_timeout to ' ~ milliseconds if milliseconds != '0' else '') }}
{% endmacro %}
