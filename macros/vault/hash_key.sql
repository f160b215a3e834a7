{#
    Hash key of a business key: the digest of its parts, written so that no two keys give the same text.
      - every part as text, blanks (U+0020) at both ends removed, case kept unless `case_rule='upper'` (ASCII letters);
      - inside a part '^' becomes '^^' and '|' becomes '^|'; a null part becomes '^0'; parts are joined with '|'.
    ('a', 'bc') and ('ab', 'c') differ, null and '' differ, 'a|b' and ('a', 'b') differ.
    A key whose parts are all null gets the zero key. docs/hash.md has the specification and the golden vectors.
#}
{% macro hash_key(columns, case_rule='keep') -%}
    {%- set columns = [columns] if columns is string else columns -%}
    case
        when {% for column in columns %}{{ column }} is not null{{ ' or ' if not loop.last }}{% endfor %}
            then {{ digest(hash_text(columns, case_rule)) | indent(12) }}
        else '{{ zero_key() }}'
    end
{%- endmacro %}


{# Digest of a declared, ordered list of descriptive columns: two rows with the same values have the same hashdiff. #}
{% macro hashdiff(columns, case_rule='keep') -%}
    {{ digest(hash_text([columns] if columns is string else columns, case_rule)) }}
{%- endmacro %}


{# Key of the member that stands for "not known". #}
{% macro zero_key() %}{{ return('0' * digest_length()) }}{% endmacro %}


{# The text a hash is made of. #}
{% macro hash_text(columns, case_rule='keep') -%}
    {%- if columns is mapping or columns | length == 0 or case_rule not in ('keep', 'upper') -%}
        {{ exceptions.raise_compiler_error(
            "millrace: " ~ model.name ~ ": a hash wants a list of column names and case_rule 'keep' or 'upper', got columns="
            ~ columns ~ ", case_rule=" ~ case_rule
        ) }}
    {%- endif -%}
    {%- for column in columns %}
        {%- set part = trim_blanks(as_text(column)) -%}
        {%- set part = upper_ascii(part) if case_rule == 'upper' else part %}
    {{ "|| '|' || " if not loop.first }}coalesce(replace(replace({{ part }}, '^', '^^'), '|', '^|'), '^0')
    {%- endfor %}
{%- endmacro %}
