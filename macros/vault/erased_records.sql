{#
    What staging makes of records that name an erased person (macros/operations/erase_person.sql): they are counted as quarantined, without
    what they hold. An erased person is known by digests alone, operations.erased_keys. The variable `persons` says whose records can be
    erased, and by which columns they are known; staging that has none of these columns looks nothing up.
#}

{# The reason in quarantine. #}
{% macro erased_reason() %}{{ return('erased: a person asked for it') }}{% endmacro %}


{#
    Joins of the list of the erased, one for each key of a subject of the variable `persons` that the columns give; to stand behind FROM.
    Gives erased_1, erased_2 and so on, for is_erased().
    columns: names of the business key columns, or a mapping of these to what they are called here.
#}
{% macro join_erased(columns) -%}
    {%- for known in persons_in(columns) %}
    {{ join_erased_digest('erased_' ~ loop.index, erasure_digest(known.hash_key, hash_key(renamed_parts(known.parts, columns)))) }}
    {%- endfor %}
{%- endmacro %}


{# Join of the list of the erased on one digest. #}
{% macro join_erased_digest(alias, digest) -%}
left join (
        select distinct key_digest
        from {{ operations_relation('erased_keys') }}
    ) as {{ alias }}
        on {{ alias }}.key_digest = {{ digest | indent(12) }}
{%- endmacro %}


{# Boolean over join_erased(): the record names an erased person, or what was that person's alone. #}
{% macro is_erased(columns) -%}
    {%- set known = persons_in(columns) -%}
    {%- for _ in known -%}
    {{ 'or ' if not loop.first }}erased_{{ loop.index }}.key_digest is not null{{ '\n' if not loop.last }}
    {%- endfor -%}
    {{- 'false' if not known -}}
{%- endmacro %}


{#
    CTE withheld: the CTE with is_withheld, for unless_erased(): the record names an erased person, or cannot be read and is, letter for
    letter, one that was erased. records: name of the CTE; it has is_erased, outcome, record_text. columns: as in join_erased().
#}
{% macro withheld_records(records, columns) -%}
withheld as (

    select
        {{ records }}.*,
        is_erased or erased_text.key_digest is not null as is_withheld
    from {{ records }}
    {{ join_erased_digest(
        'erased_text', "case when outcome = 'quarantined' then " ~ erasure_digest('record_text', 'record_text') ~ " end"
    ) }}

)
{%- endmacro %}


{# A column over withheld_records(): null where the record is an erased one. #}
{% macro unless_erased(column) -%}case when not is_withheld then {{ column }} end{%- endmacro %}


{#
    Whom the model's records name by these columns: the persons of the variable `persons` and what is a person's alone, as a list of
    {'hash_key', 'parts'}, parts being those of the key. columns: names, or a mapping that has them as keys.
#}
{% macro persons_in(columns) %}
    {%- set found = [] -%}
    {%- for person, subject in var('persons', {}).items() -%}
        {%- for part in [subject] + (subject.owns or []) -%}
            {%- for parts in keys_in(part, model.name, columns) -%}
                {%- set known = {'hash_key': part.hash_key, 'parts': parts} -%}
                {%- if known not in found -%}{%- do found.append(known) -%}{%- endif -%}
            {%- endfor -%}
        {%- endfor -%}
    {%- endfor -%}
    {{ return(found) }}
{% endmacro %}


{# The keys by which a model names a subject: its business key, where the columns have it, or what known_as says. #}
{% macro keys_in(subject, model_name, columns) %}
    {%- if has_business_keys(subject, model_name, columns) -%}{{ return([subject.business_keys]) }}{%- endif -%}
    {{ return((subject.known_as or {}).get(model_name, [])) }}
{% endmacro %}


{# Whether a model of this name and with these columns has the business keys of a subject. #}
{% macro has_business_keys(subject, model_name, columns) %}
    {{ return(
        subject.business_keys is defined
        and key_columns(subject.business_keys) | reject('in', columns) | list | length == 0
        and (subject.staged_in is undefined or model_name in subject.staged_in)
    ) }}
{% endmacro %}


{# Key parts under the names that they have here. #}
{% macro renamed_parts(parts, columns) %}
    {%- if columns is not mapping or columns.values() | first is mapping -%}{{ return(parts) }}{%- endif -%}
    {%- set renamed = [] -%}
    {%- for part in parts -%}
        {%- set rules = {} -%}
        {%- do rules.update({'column': part} if part is string else part) -%}
        {%- do rules.update({'column': columns[rules.column]}) -%}
        {%- do renamed.append(rules) -%}
    {%- endfor -%}
    {{ return(renamed) }}
{% endmacro %}


{# What the list of the erased holds of a key. The variable erasure_salt keeps it from being guessed from lists of possible keys. #}
{% macro erasure_digest(name, key) -%}
    {{ digest("'" ~ name ~ "|" ~ var('erasure_salt', '') ~ "|' || " ~ as_text(key)) }}
{%- endmacro %}
