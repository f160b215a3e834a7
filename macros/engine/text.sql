{# Text functions whose engines disagree: which characters a trim takes away, and what upper-casing does to letters that
   are not ASCII. Both are pinned here because keys are made from their result. #}

{# Removes blanks (U+0020) from both ends, and nothing else. #}
{% macro trim_blanks(text) %}{{ return(adapter.dispatch('trim_blanks', 'millrace')(text)) }}{% endmacro %}

{% macro default__trim_blanks(text) %}{{ engine_refuses('trim_blanks') }}{% endmacro %}

{# Most texts have none, and to look is five times as fast as to trim. #}
{% macro duckdb__trim_blanks(text) -%}
    case when {{ text }} like ' %' or {{ text }} like '% ' then trim({{ text }}, ' ') else {{ text }} end
{%- endmacro %}

{% macro redshift__trim_blanks(text) -%}btrim({{ text }}, ' '){%- endmacro %}

{% macro athena__trim_blanks(text) -%}regexp_replace({{ text }}, '^ +| +$', ''){%- endmacro %}


{# Text of a value as the engine's GROUP BY and = see it: for Redshift blanks at the end do not count. #}
{% macro group_text(expression) %}{{ return(adapter.dispatch('group_text', 'millrace')(expression)) }}{% endmacro %}

{% macro default__group_text(expression) %}{{ return(as_text(expression)) }}{% endmacro %}

{% macro redshift__group_text(expression) %}{{ return('regexp_replace(' ~ as_text(expression) ~ ", ' +$', '')") }}{% endmacro %}


{# Upper case of the 26 ASCII letters; every other character stays. #}
{% macro upper_ascii(text) -%}
    translate({{ text }}, 'abcdefghijklmnopqrstuvwxyz', 'ABCDEFGHIJKLMNOPQRSTUVWXYZ')
{%- endmacro %}


{# Hexadecimal digest, lower case, of a text's UTF-8 bytes. Algorithm: variable hash_algorithm, md5 or sha256. #}
{% macro digest(text) %}
    {%- set algorithm = var('hash_algorithm', 'md5') -%}
    {%- if algorithm not in ('md5', 'sha256') -%}
        {{ exceptions.raise_compiler_error(
            "millrace: the variable 'hash_algorithm' is '" ~ algorithm ~ "'. Use md5 or sha256 (dbt_project.yml, vars)."
        ) }}
    {%- endif -%}
    {{ return(adapter.dispatch('digest', 'millrace')(text, algorithm)) }}
{% endmacro %}

{% macro default__digest(text, algorithm) %}{{ engine_refuses('digest') }}{% endmacro %}

{% macro duckdb__digest(text, algorithm) -%}{{ algorithm }}({{ text }}){%- endmacro %}

{% macro redshift__digest(text, algorithm) -%}
    {%- if algorithm == 'md5' -%}md5({{ text }}){%- else -%}sha2({{ text }}, 256){%- endif -%}
{%- endmacro %}

{% macro athena__digest(text, algorithm) -%}lower(to_hex({{ algorithm }}(to_utf8({{ text }})))){%- endmacro %}


{# Digits in the digest of the configured algorithm. #}
{% macro digest_length() %}{{ return(64 if var('hash_algorithm', 'md5') == 'sha256' else 32) }}{% endmacro %}


{# Text of a value of any type that keys may hold: numbers in plain digits, timestamps as yyyy-mm-dd hh:mm:ss.ffffff. #}
{% macro as_text(expression) -%}cast({{ expression }} as {{ text_type(65535) }}){%- endmacro %}


{# Bytes of a text in UTF-8. #}
{% macro byte_length(text) %}{{ return(adapter.dispatch('byte_length', 'millrace')(text)) }}{% endmacro %}

{% macro default__byte_length(text) %}{{ engine_refuses('byte_length') }}{% endmacro %}

{% macro duckdb__byte_length(text) -%}strlen({{ text }}){%- endmacro %}

{% macro redshift__byte_length(text) -%}octet_length({{ text }}){%- endmacro %}

{% macro athena__byte_length(text) -%}length(to_utf8({{ text }})){%- endmacro %}


{# A delivered text without blanks at its ends; blank text is null. #}
{% macro clean_text(text) -%}nullif({{ trim_blanks(text) }}, ''){%- endmacro %}


{# Digest of a set of hexadecimal digests, whatever their order: an aggregate. Their number, and two sums of 60 bits of each. #}
{% macro digest_of_set(digest) -%}
    {{ as_text('count(*)') }}
    || ':' || {{ as_text('sum(cast(' ~ hex_to_integer('substring(' ~ digest ~ ', 1, 15)') ~ ' as decimal(38, 0)))') }}
    || ':' || {{ as_text('sum(cast(' ~ hex_to_integer('substring(' ~ digest ~ ', 16, 15)') ~ ' as decimal(38, 0)))') }}
{%- endmacro %}


{# Whole number of up to 15 hexadecimal digits. #}
{% macro hex_to_integer(text) %}{{ return(adapter.dispatch('hex_to_integer', 'millrace')(text)) }}{% endmacro %}

{% macro default__hex_to_integer(text) %}{{ engine_refuses('hex_to_integer') }}{% endmacro %}

{% macro duckdb__hex_to_integer(text) -%}cast('0x' || {{ text }} as bigint){%- endmacro %}

{% macro redshift__hex_to_integer(text) -%}strtol({{ text }}, 16){%- endmacro %}

{% macro athena__hex_to_integer(text) -%}from_base({{ text }}, 16){%- endmacro %}


{# The folders that a key of an object begins with, up to a depth, each with its slash; empty (null on Athena) for a key without one. #}
{% macro key_prefix(key, depth) %}{{ return(adapter.dispatch('key_prefix', 'millrace')(key, depth)) }}{% endmacro %}

{% macro default__key_prefix(key, depth) %}{{ engine_refuses('key_prefix') }}{% endmacro %}

{% macro duckdb__key_prefix(key, depth) -%}regexp_extract({{ key }}, '^([^/]*/){1,{{ depth }}}'){%- endmacro %}

{% macro redshift__key_prefix(key, depth) -%}regexp_substr({{ key }}, '^([^/]*/){1,{{ depth }}}'){%- endmacro %}

{% macro athena__key_prefix(key, depth) -%}regexp_extract({{ key }}, '^([^/]*/){1,{{ depth }}}'){%- endmacro %}


{# Bytes in base64 as lower-case hexadecimal text; null for what is no base64. #}
{% macro base64_as_hex(text) %}{{ return(adapter.dispatch('base64_as_hex', 'millrace')(text)) }}{% endmacro %}

{% macro base64_pattern() -%}^([A-Za-z0-9+/]{4})*([A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=|[A-Za-z0-9+/]{4})${%- endmacro %}

{% macro default__base64_as_hex(text) %}{{ engine_refuses('base64_as_hex') }}{% endmacro %}

{% macro duckdb__base64_as_hex(text) -%}
    case when {{ matches_pattern(text, base64_pattern()) }} then lower(hex(from_base64({{ text }}))) end
{%- endmacro %}

{% macro redshift__base64_as_hex(text) -%}
    case when {{ matches_pattern(text, base64_pattern()) }} then lower(from_varbyte(to_varbyte({{ text }}, 'base64'), 'hex')) end
{%- endmacro %}

{% macro athena__base64_as_hex(text) -%}
    case when {{ matches_pattern(text, base64_pattern()) }} then lower(to_hex(from_base64({{ text }}))) end
{%- endmacro %}


{#
    Plain text of a number from its bytes, the highest first, with a sign (two's complement), as lower-case hexadecimal text of up to 30 digits.
    hex: column. scale: column or number with the digits behind the point, up to 30.
#}
{% macro number_of_hex(hex, scale) -%}
    {%- set filled = "lpad(" ~ hex ~ ", 30, case when " ~ hex ~ " >= '8' then 'f' else '0' end)" -%}
    {%- set whole -%}
    (
        cast({{ hex_to_integer('substring(' ~ filled ~ ', 1, 15)') }} as decimal(19, 0)) * cast(1152921504606846976 as decimal(19, 0))
        + cast({{ hex_to_integer('substring(' ~ filled ~ ', 16, 15)') }} as decimal(19, 0))
        - cast(case when {{ hex }} >= '8' then '1329227995784915872903807060280344576' else '0' end as decimal(38, 0))
    )
    {%- endset -%}
    {%- set digits = "lpad(" ~ as_text('abs(' ~ whole ~ ')') ~ ", cast(greatest(" ~ scale ~ " + 1, length(" ~ as_text('abs(' ~ whole ~ ')') ~ ")) as integer), '0')" -%}
    case
        when length({{ hex }}) between 1 and 30 and {{ scale }} between 0 and 30 then
            case when {{ hex }} >= '8' then '-' else '' end
            || substring({{ digits }}, 1, cast(length({{ digits }}) - {{ scale }} as integer))
            || case when {{ scale }} > 0 then '.' || substring({{ digits }}, cast(length({{ digits }}) - {{ scale }} + 1 as integer)) else '' end
    end
{%- endmacro %}
