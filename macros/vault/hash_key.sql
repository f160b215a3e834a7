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


{#
    Digest of a declared, ordered list of descriptive columns: two rows with the same values have the same hashdiff. Blanks at the ends of a
    value are part of it; trim=true takes them away, as in a key.
#}
{% macro hashdiff(columns, case_rule='keep', trim=false) -%}
    {{ digest(hash_text([columns] if columns is string else columns, case_rule, trim)) }}
{%- endmacro %}


{# Key of the member that stands for "not known". #}
{% macro zero_key() %}{{ return('0' * digest_length()) }}{% endmacro %}


{# The text a hash is made of. #}
{% macro hash_text(columns, case_rule='keep', trim=true) -%}
    {%- if columns is string or columns is mapping or columns | length == 0 -%}
        {{ exceptions.raise_compiler_error(
            "millrace: " ~ model.name ~ ": a hash wants a list of column names, got columns=" ~ columns ~ "."
        ) }}
    {%- endif -%}
    {%- for part in columns %}
    {{ "|| '|' || " if not loop.first }}coalesce(replace(replace({{ key_text(part, case_rule, trim=trim) }}, '^', '^^'), '|', '^|'), '^0')
    {%- endfor %}
{%- endmacro %}


{# Name of a key part's column. #}
{% macro key_column(part) %}{{ return(part if part is string else part.column) }}{% endmacro %}


{#
    A key part as it counts: text, by its rules of trimming and case and with its collision code. alias: of the relation; column: another
    name there, or a mapping with that name and further rules. trim: what holds for a part without that rule.
#}
{% macro key_text(part, case_rule='keep', alias=none, column=none, trim=true) -%}
    {%- set rules = {'column': part, 'case': case_rule, 'trim': trim, 'collision_code': ''} -%}
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


{# Key parts over columns that key_text() has given their text: no rule is applied twice. #}
{% macro settled_parts(parts) %}
    {%- set settled = [] -%}
    {%- for part in parts -%}{%- do settled.append({'column': key_column(part), 'trim': false}) -%}{%- endfor -%}
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


{#
    Columns as a hash takes them: a timestamp as microseconds, a boolean as 1 or 0, for their texts differ by engine. Which ones they are is
    said in timestamps and booleans, or by data_type in the YAML of the model or of source. A column named as one (is_, has_, _at) of which nobody
    says what it is stops compilation.
    source: relation that the columns come from, or none. find: false: what is declared has to be named in timestamps and booleans all the same.
#}
{% macro hashable(columns, timestamps=[], booleans=[], source=none, find=true) %}
    {%- set expressions = [] -%}
    {%- set types = declared_types(columns | select('string') | reject('in', timestamps + booleans) | list, source) -%}
    {%- set timestamps = timestamps + (types.timestamps if find else []) -%}
    {%- set booleans = booleans + (types.booleans if find else []) -%}
    {%- for column in types.unknown + ([] if find else types.timestamps + types.booleans) -%}
        {{ exceptions.raise_compiler_error(
            "millrace: " ~ model.name ~ ": " ~ column ~ (" looks like" if column in types.unknown else " is declared as") ~ " a boolean or a "
            ~ "timestamp, whose text differs by engine, so its hash would too. Name it in booleans= or timestamps="
            ~ (", or state its data_type in the YAML of this model" ~ (" or of " ~ relation_name(source) if source) if find) ~ "."
        ) }}
    {%- endfor -%}
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


{#
    What is declared of columns in the YAML of the model and of its source: the timestamps, the booleans, and those of which nothing is declared
    and whose names say that they are one of the two (unknown). Nothing while dbt parses.
#}
{% macro declared_types(columns, source=none) %}
    {%- set types = {'timestamps': [], 'booleans': [], 'unknown': []} -%}
    {%- if execute and model is defined and graph -%}
        {%- set names = [model_in_question()] + ([relation_name(source)] if source else []) -%}
        {%- set declared = {} -%}
        {%- for node in (graph.get('nodes') or {}).values() if node.name in names and node.resource_type in ('model', 'seed', 'snapshot') -%}
            {%- for column in columns -%}
                {%- set data_type = (node.columns.get(column) or {}).get('data_type') -%}
                {%- if data_type -%}{%- do declared.update({column: data_type | string | lower}) -%}{%- endif -%}
            {%- endfor -%}
        {%- endfor -%}
        {%- for column in columns -%}
            {%- set data_type = declared.get(column, '') -%}
            {%- if data_type.startswith('timestamp') or data_type.startswith('datetime') -%}{%- do types.timestamps.append(column) -%}
            {%- elif data_type.startswith('bool') -%}{%- do types.booleans.append(column) -%}
            {%- elif not data_type and modules.re.match('^((is|has)_[A-Za-z0-9_]+|[A-Za-z0-9_]+_at)$', column) -%}
                {%- do types.unknown.append(column) -%}
            {%- endif -%}
        {%- endfor -%}
    {%- endif -%}
    {{ return(types) }}
{% endmacro %}
