{#
    Hash key of a business key: the digest of its parts, written so that no two keys give the same text.
      - every part as text, blanks (U+0020) at both ends removed, case kept unless `case_rule='upper'` (ASCII letters);
      - inside a part '^' becomes '^^' and '|' becomes '^|'; a null part becomes '^0'; parts are joined with '|'.
    ('a', 'bc') and ('ab', 'c') differ, null and '' differ, 'a|b' and ('a', 'b') differ.
    A part is a column, or a mapping with rules of its own: {'column': 'iban', 'case': 'upper', 'trim': false}. {'column': 'account_number',
    'collision_code': 'crm'} puts 'crm:' before the part, so that systems that each count for themselves do not share keys.
    A key whose parts are all null gets the zero key. docs/hash.md has the specification and the golden vectors.
#}
{% macro hash_key(columns, case_rule='keep') -%}
    {%- set parts = [columns] if columns is string else columns -%}
    {%- set text = hash_text(parts, case_rule) -%}
    case
        when {% for part in parts %}{{ key_column(part) }} is not null{{ ' or ' if not loop.last }}{% endfor %}
            then {{ digest(text) | indent(12) }}
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
    {%- if columns is string or columns is mapping or columns | length == 0 -%}
        {{ exceptions.raise_compiler_error(
            "millrace: " ~ model.name ~ ": a hash wants a list of column names, got columns=" ~ columns ~ "."
        ) }}
    {%- endif -%}
    {%- for part in columns %}
    {{ "|| '|' || " if not loop.first }}coalesce(replace(replace({{ key_text(part, case_rule) }}, '^', '^^'), '|', '^|'), '^0')
    {%- endfor %}
{%- endmacro %}


{# Name of a key part's column. #}
{% macro key_column(part) %}{{ return(part if part is string else part.column) }}{% endmacro %}


{#
    A key part as it counts: text, by its rules of trimming and case and with its collision code. alias: of the relation; column: another
    name there, or a mapping with that name and further rules.
#}
{% macro key_text(part, case_rule='keep', alias=none, column=none) -%}
    {%- set rules = {'column': part, 'case': case_rule, 'trim': true, 'collision_code': ''} -%}
    {%- for given in [part, column] if given -%}{%- do rules.update(given if given is mapping else {'column': given}) -%}{%- endfor -%}
    {%- if rules | length > 4 or rules.column is not string or rules.case not in ('keep', 'upper') or rules.trim not in (true, false)
        or not modules.re.match('^[A-Za-z0-9_]*$', rules.collision_code | string) -%}
        {{ exceptions.raise_compiler_error(
            "millrace: " ~ model.name ~ ": a key part is a column name or {'column': name, 'case': 'keep' or 'upper', 'trim': true or "
            ~ "false, 'collision_code': letters and digits}, and case_rule is 'keep' or 'upper'; got " ~ (column or part) ~ " with case_rule "
            ~ case_rule ~ "."
        ) }}
    {%- endif -%}
    {%- set text = as_text((alias ~ '.' if alias else '') ~ rules.column) -%}
    {%- set text = trim_blanks(text) if rules.trim else text -%}
    {%- set text = upper_ascii(text) if rules.case == 'upper' else text -%}
    {{ "'" ~ rules.collision_code ~ ":' || " ~ text if rules.collision_code else text }}
{%- endmacro %}


{# Key parts over columns that key_text() has given their text: no collision code comes twice. #}
{% macro settled_parts(parts) %}
    {%- set settled = [] -%}
    {%- for part in parts -%}
        {%- if part is mapping -%}
            {%- set rules = {} -%}
            {%- do rules.update(part) -%}
            {%- do rules.update({'collision_code': ''}) -%}
            {%- do settled.append(rules) -%}
        {%- else -%}
            {%- do settled.append(part) -%}
        {%- endif -%}
    {%- endfor -%}
    {{ return(settled) }}
{% endmacro %}


{#
    Columns for the SELECT of a staging model: hash keys of business keys, and hashdiffs of payloads. A vault macro whose business_keys
    are left out takes the staged key.
    keys: hash key columns and their business keys. hashdiffs: hashdiff columns and their payload columns.
#}
{% macro hash_columns(keys, hashdiffs={}, timestamps=[], booleans=[]) -%}
    {%- for name, parts in keys.items() %}
    cast({{ hash_key(parts) | indent(4) }} as {{ text_type(64) }}) as {{ name }}{{ ',' if not loop.last or hashdiffs }}
    {%- endfor %}
    {%- for name, columns in hashdiffs.items() %}
    cast({{ hashdiff(hashable(columns, timestamps, booleans)) | indent(4) }} as {{ text_type(64) }}) as {{ name }}{{ ',' if not loop.last }}
    {%- endfor %}
{%- endmacro %}


{# Columns as a hash takes them: a timestamp as microseconds, a boolean as 1 or 0, for their texts differ by engine. #}
{% macro hashable(columns, timestamps=[], booleans=[]) %}
    {%- set expressions = [] -%}
    {%- for column in columns -%}
        {%- if column in timestamps -%}
            {%- do expressions.append(elapsed_us(earliest_timestamp(), column)) -%}
        {%- elif column in booleans -%}
            {%- do expressions.append("case when " ~ column ~ " then '1' when not " ~ column ~ " then '0' end") -%}
        {%- else -%}
            {%- do expressions.append(column) -%}
        {%- endif -%}
    {%- endfor -%}
    {{ return(expressions) }}
{% endmacro %}
