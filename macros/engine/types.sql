{# Names of the column types that differ by engine. Lengths are bytes on Redshift and are not looked at elsewhere. #}
{% macro text_type(max_bytes=256) %}{{ return(adapter.dispatch('text_type', 'millrace')(max_bytes)) }}{% endmacro %}

{% macro default__text_type(max_bytes) %}{{ engine_refuses('text_type') }}{% endmacro %}

{% macro duckdb__text_type(max_bytes) %}{{ return('varchar') }}{% endmacro %}

{% macro redshift__text_type(max_bytes) %}{{ return('varchar(' ~ max_bytes ~ ')') }}{% endmacro %}

{% macro athena__text_type(max_bytes) %}{{ return('varchar') }}{% endmacro %}


{% macro timestamp_type() %}{{ return(adapter.dispatch('timestamp_type', 'millrace')()) }}{% endmacro %}

{% macro default__timestamp_type() %}{{ return('timestamp') }}{% endmacro %}

{% macro athena__timestamp_type() %}{{ return('timestamp(6)') }}{% endmacro %}


{% macro float_type() %}{{ return(adapter.dispatch('float_type', 'millrace')()) }}{% endmacro %}

{% macro default__float_type() %}{{ return('double precision') }}{% endmacro %}

{% macro duckdb__float_type() %}{{ return('double') }}{% endmacro %}

{% macro athena__float_type() %}{{ return('double') }}{% endmacro %}
