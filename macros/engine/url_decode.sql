{#
    A text without its percent encoding: %2F is a slash. What is no encoding stays. Redshift has no function for it and decodes the blank and the signs
    # & ( ) + , / : = @ % alone: others, and letters beyond ASCII, stay as they are written there.
#}
{% macro url_decode(text) %}{{ return(adapter.dispatch('url_decode', 'millrace')(text)) }}{% endmacro %}

{% macro default__url_decode(text) %}{{ engine_refuses('url_decode') }}{% endmacro %}

{% macro duckdb__url_decode(text) -%}coalesce(try(url_decode({{ text }})), {{ text }}){%- endmacro %}

{% macro redshift__url_decode(text) -%}
    {%- set result = namespace(sql=text) -%}
    {#- the percent sign last: what it leaves behind is no encoding any more -#}
    {%- for code in ['20', '23', '26', '28', '29', '2B', '2C', '2F', '3A', '3D', '40', '25'] -%}
        {%- set result.sql = "replace(" ~ result.sql ~ ", '%" ~ code ~ "', chr(" ~ code | int(base=16) ~ "))" -%}
    {%- endfor -%}
    {{ return(result.sql) }}
{%- endmacro %}

{#- a plus is a plus in a key; what cannot be decoded stays -#}
{% macro athena__url_decode(text) -%}coalesce(try(url_decode(replace({{ text }}, '+', '%2B'))), {{ text }}){%- endmacro %}
