{#
    Navigation of a landed JSON payload. A payload is read once into a document and its fields are taken from there:
    one extraction per column parses the text again for every column.
    Keys are case-sensitive. A field that is absent, null, an object or an array is null.
#}

{# Document: what payload_field() reads. `fields` are the top-level keys that will be asked for. #}
{% macro payload_document(payload, fields) %}
    {%- if fields is string or fields is mapping or fields | length == 0 -%}
        {{ exceptions.raise_compiler_error(
            "millrace: " ~ model.name ~ ": payload_document() wants 'fields' as a list of key names, got: " ~ fields
        ) }}
    {%- endif -%}
    {%- if fields | map('lower') | unique | list | length < fields | length -%}
        {{ exceptions.raise_compiler_error(
            "millrace: " ~ model.name ~ ": payload_document(): two of the fields " ~ fields ~ " differ by case alone, or are the same. "
            ~ "Read one of them with payload_at()."
        ) }}
    {%- endif -%}
    {{ return(adapter.dispatch('payload_document', 'millrace')(payload, fields)) }}
{% endmacro %}

{% macro default__payload_document(payload, fields) %}{{ engine_refuses('payload_document') }}{% endmacro %}

{# Texts and not JSON values: half the time. A text that looks like an object or an array is looked up in the payload, once more. #}
{% macro duckdb__payload_document(payload, fields) -%}
    {%- set structure = {} -%}
    {%- for field in fields -%}{%- do structure.update({field: 'VARCHAR'}) -%}{%- endfor -%}
    struct_pack(
        texts := json_transform({{ payload }}, '{{ tojson(structure) | replace("'", "''") }}'),
        payload := {{ payload }}
    )
{%- endmacro %}

{% macro redshift__payload_document(payload, fields) -%}
    {{ payload }}
{%- endmacro %}

{% macro athena__payload_document(payload, fields) -%}
    try(cast(json_parse({{ payload }}) as map(varchar, json)))
{%- endmacro %}


{# Text of one scalar field of a document. #}
{% macro payload_field(document, field) %}
    {{ return(adapter.dispatch('payload_field', 'millrace')(document, field)) }}
{% endmacro %}

{% macro default__payload_field(document, field) %}{{ engine_refuses('payload_field') }}{% endmacro %}

{% macro duckdb__payload_field(document, field) -%}
    case when not {{ duckdb__payload_is_nested(document, field) }} then {{ document }}.texts."{{ field }}" end
{%- endmacro %}

{% macro redshift__payload_field(document, field) -%}
    cast({{ document }}."{{ field }}" as varchar(65535))
{%- endmacro %}

{% macro athena__payload_field(document, field) -%}
    json_extract_scalar(element_at({{ document }}, '{{ field }}'), '$')
{%- endmacro %}


{# Text of one scalar at a path of keys, straight from a payload. For the odd nested value; payload_field() is cheaper. #}
{% macro payload_at(payload, path) %}
    {{ return(adapter.dispatch('payload_at', 'millrace')(payload, path)) }}
{% endmacro %}

{% macro default__payload_at(payload, path) %}{{ engine_refuses('payload_at') }}{% endmacro %}

{% macro duckdb__payload_at(payload, path) -%}
    {%- set pointer = '$."' ~ path | join('"."') ~ '"' -%}
    case when json_type({{ payload }}, '{{ pointer }}') not in ('OBJECT', 'ARRAY') then {{ payload }} ->> '{{ pointer }}' end
{%- endmacro %}

{% macro redshift__payload_at(payload, path) -%}
    cast({{ payload }}."{{ path | join('"."') }}" as varchar(65535))
{%- endmacro %}

{% macro athena__payload_at(payload, path) -%}
    json_extract_scalar({{ payload }}, '$["{{ path | join('"]["') }}"]')
{%- endmacro %}


{#
    Unnests the array at a path of keys: goes into a FROM clause behind the relation that holds the payload, which needs an
    alias. Gives one row per element, and one row with a null element where there is no array or an empty one.
    The element is payload_element(alias), to navigate with payload_at(), or payload_element_text(alias) where it is a single value.
    path: keys of the array; an empty list where the payload is the array.
#}
{% macro payload_unnest(relation_alias, payload, path, alias) %}
    {{ return(adapter.dispatch('payload_unnest', 'millrace')(relation_alias, payload, path, alias)) }}
{% endmacro %}

{% macro default__payload_unnest(relation_alias, payload, path, alias) %}{{ engine_refuses('payload_unnest') }}{% endmacro %}

{% macro duckdb__payload_unnest(relation_alias, payload, path, alias) -%}
    left join lateral (
        select unnest(json_extract({{ relation_alias }}.{{ payload }}, '${{ '."' ~ path | join('"."') ~ '"' if path }}[*]')) as element
    ) as {{ alias }} on true
{%- endmacro %}

{% macro redshift__payload_unnest(relation_alias, payload, path, alias) -%}
    left join {{ relation_alias }}.{{ payload }}{{ '."' ~ path | join('"."') ~ '"' if path }} as {{ alias }} on true
{%- endmacro %}

{% macro athena__payload_unnest(relation_alias, payload, path, alias) -%}
    left join unnest(
        try(cast(json_extract({{ relation_alias }}.{{ payload }}, '${{ '["' ~ path | join('"]["') ~ '"]' if path }}') as array(json)))
    ) as {{ alias }} (element) on true
{%- endmacro %}


{# Element that payload_unnest() gave, as a payload to navigate. #}
{% macro payload_element(alias) %}{{ return(adapter.dispatch('payload_element', 'millrace')(alias)) }}{% endmacro %}

{% macro default__payload_element(alias) -%}{{ alias }}.element{%- endmacro %}

{% macro redshift__payload_element(alias) -%}{{ alias }}{%- endmacro %}


{# Text of a scalar element that payload_unnest() gave. #}
{% macro payload_element_text(alias) %}
    {{ return(adapter.dispatch('payload_element_text', 'millrace')(alias)) }}
{% endmacro %}

{% macro default__payload_element_text(alias) %}{{ engine_refuses('payload_element_text') }}{% endmacro %}

{% macro duckdb__payload_element_text(alias) -%}{{ alias }}.element ->> '$'{%- endmacro %}

{% macro redshift__payload_element_text(alias) -%}cast({{ alias }} as varchar(65535)){%- endmacro %}

{% macro athena__payload_element_text(alias) -%}json_extract_scalar({{ alias }}.element, '$'){%- endmacro %}


{# The bytes of a record that is no JSON, as text. Redshift keeps them as VARBYTE and shows them in hexadecimal. #}
{% macro raw_bytes_as_text(column) %}
    {{ return(adapter.dispatch('raw_bytes_as_text', 'millrace')(column)) }}
{% endmacro %}

{% macro default__raw_bytes_as_text(column) -%}{{ column }}{%- endmacro %}

{# Hexadecimal is twice as long, and a text has 65,535 bytes there: of longer ones the beginning. #}
{% macro redshift__raw_bytes_as_text(column) -%}from_varbyte(substring({{ column }}, 1, 32000), 'hex'){%- endmacro %}


{# True where a field of a document is an object or an array: payload_field() is null there, and nothing else would tell. #}
{% macro payload_is_nested(document, field) %}
    {{ return(adapter.dispatch('payload_is_nested', 'millrace')(document, field)) }}
{% endmacro %}

{% macro default__payload_is_nested(document, field) %}{{ engine_refuses('payload_is_nested') }}{% endmacro %}

{% macro duckdb__payload_is_nested(document, field) -%}
    case
        when starts_with({{ document }}.texts."{{ field }}", '{') or starts_with({{ document }}.texts."{{ field }}", '[')
            then json_type({{ document }}.payload, '$."{{ field }}"') in ('OBJECT', 'ARRAY')
        else false
    end
{%- endmacro %}

{% macro redshift__payload_is_nested(document, field) -%}
    coalesce(is_object({{ document }}."{{ field }}") or is_array({{ document }}."{{ field }}"), false)
{%- endmacro %}

{% macro athena__payload_is_nested(document, field) -%}
    coalesce(regexp_like(json_format(element_at({{ document }}, '{{ field }}')), '^[\[{]'), false)
{%- endmacro %}


{#
    What stands at a path of keys: object, array or scalar; null where there is nothing, or a JSON null. payload_at() is null for an object and an
    array, and nothing else would tell.
#}
{% macro payload_kind(payload, path) %}{{ return(adapter.dispatch('payload_kind', 'millrace')(payload, path)) }}{% endmacro %}

{% macro default__payload_kind(payload, path) %}{{ engine_refuses('payload_kind') }}{% endmacro %}

{% macro duckdb__payload_kind(payload, path) -%}
    {%- set kind = "json_type(" ~ payload ~ ", '$.\"" ~ path | join('"."') ~ "\"')" -%}
    case when {{ kind }} = 'OBJECT' then 'object' when {{ kind }} = 'ARRAY' then 'array' when {{ kind }} <> 'NULL' then 'scalar' end
{%- endmacro %}

{% macro redshift__payload_kind(payload, path) -%}
    {%- set value = payload ~ '."' ~ path | join('"."') ~ '"' -%}
    case when is_object({{ value }}) then 'object' when is_array({{ value }}) then 'array' when {{ value }} is not null then 'scalar' end
{%- endmacro %}

{% macro athena__payload_kind(payload, path) -%}
    {%- set value = "json_format(json_extract(" ~ payload ~ ", '$[\"" ~ path | join('"]["') ~ "\"]'))" -%}
    case when substring({{ value }}, 1, 1) = '{' then 'object' when substring({{ value }}, 1, 1) = '[' then 'array' when {{ value }} <> 'null' then 'scalar' end
{%- endmacro %}


{# A payload as JSON text, to show or keep a record that staging refuses. Redshift's JSON_SERIALIZE(NULL) is the text null. #}
{% macro payload_as_text(payload) %}{{ return(adapter.dispatch('payload_as_text', 'millrace')(payload)) }}{% endmacro %}

{% macro default__payload_as_text(payload) -%}cast({{ payload }} as varchar){%- endmacro %}

{#
    json_serialize() of nothing is the text null, and it fails where the text is longer than a VARCHAR; SUPER holds 16 MB. Of a longer one its size and its beginning, 65,535 bytes.
#}
{% macro redshift__payload_as_text(payload) -%}
    case
        when json_size({{ payload }}) <= 65535 then nullif(json_serialize({{ payload }}), 'null')
        when json_size({{ payload }}) > 65535
            then rpad(
                'JSON of ' || cast(json_size({{ payload }}) as varchar(20)) || ' bytes, in hexadecimal: '
                || from_varbyte(substring(json_serialize_to_varbyte({{ payload }}), 1, 32000), 'hex'), 65535, '.'
            )
    end
{%- endmacro %}


{# What stands at a path of keys, as a payload of its own to navigate further; null where there is nothing, or a JSON null. #}
{% macro payload_child(payload, path) %}
    {{ return(adapter.dispatch('payload_child', 'millrace')(payload, path)) }}
{% endmacro %}

{% macro default__payload_child(payload, path) %}{{ engine_refuses('payload_child') }}{% endmacro %}

{% macro duckdb__payload_child(payload, path) -%}
    {%- set pointer = '$."' ~ path | join('"."') ~ '"' -%}
    case when json_type({{ payload }}, '{{ pointer }}') <> 'NULL' then json_extract({{ payload }}, '{{ pointer }}') end
{%- endmacro %}

{% macro redshift__payload_child(payload, path) -%}{{ payload }}."{{ path | join('"."') }}"{%- endmacro %}

{% macro athena__payload_child(payload, path) -%}
    nullif(json_format(json_extract({{ payload }}, '$["{{ path | join('"]["') }}"]')), 'null')
{%- endmacro %}


{# A text column as a payload to navigate; null where it holds no JSON. #}
{% macro text_document(text) %}{{ return(adapter.dispatch('text_document', 'millrace')(text)) }}{% endmacro %}

{% macro default__text_document(text) %}{{ engine_refuses('text_document') }}{% endmacro %}

{% macro duckdb__text_document(text) -%}case when json_valid({{ text }}) then cast({{ text }} as json) end{%- endmacro %}

{% macro redshift__text_document(text) -%}case when can_json_parse({{ text }}) then json_parse({{ text }}) end{%- endmacro %}

{% macro athena__text_document(text) -%}case when try(json_parse({{ text }})) is not null then {{ text }} end{%- endmacro %}


{# The key of a Kafka record as text; on Redshift null where it is no JSON, because bytes that are no text cannot be told by any function. #}
{% macro kafka_key_text(column) %}{{ return(adapter.dispatch('kafka_key_text', 'millrace')(column)) }}{% endmacro %}

{% macro default__kafka_key_text(column) -%}{{ column }}{%- endmacro %}

{% macro redshift__kafka_key_text(column) -%}case when can_json_parse({{ column }}) then from_varbyte({{ column }}, 'utf-8') end{%- endmacro %}


{#
    JSON text of an object without some of its fields; null where nothing else is in it. Redshift has no function that takes a field
    away: there it is the whole object.
#}
{% macro payload_without(payload, fields) %}
    {{ return(adapter.dispatch('payload_without', 'millrace')(payload, fields)) }}
{% endmacro %}

{% macro default__payload_without(payload, fields) %}{{ engine_refuses('payload_without') }}{% endmacro %}

{% macro duckdb__payload_without(payload, fields) -%}
    {%- set patch = {} -%}
    {%- for field in fields -%}{%- do patch.update({field: none}) -%}{%- endfor -%}
    nullif(cast(json_merge_patch('{}', json_merge_patch({{ payload }}, '{{ tojson(patch) | replace("'", "''") }}')) as varchar), '{}')
{%- endmacro %}

{% macro redshift__payload_without(payload, fields) -%}case when json_size({{ payload }}) <= 65535 then json_serialize({{ payload }}) end{%- endmacro %}

{% macro athena__payload_without(payload, fields) -%}
    nullif(json_format(cast(map_filter(
        try(cast(json_parse({{ payload }}) as map(varchar, json))), (k, v) -> k not in ('{{ fields | join("', '") }}')
    ) as json)), '{}')
{%- endmacro %}


{#
    Names of the fields of an object: goes into a FROM clause behind the relation that holds the payload (as text_document() gives it),
    which needs an alias. One row per field; the name is <alias>.field_name.
#}
{% macro payload_field_names(relation_alias, payload, alias) %}
    {{ return(adapter.dispatch('payload_field_names', 'millrace')(relation_alias, payload, alias)) }}
{% endmacro %}

{% macro default__payload_field_names(relation_alias, payload, alias) %}{{ engine_refuses('payload_field_names') }}{% endmacro %}

{% macro duckdb__payload_field_names(relation_alias, payload, alias) -%}
cross join lateral (select unnest(json_keys({{ relation_alias }}.{{ payload }})) as field_name) as {{ alias }}
{%- endmacro %}

{% macro redshift__payload_field_names(relation_alias, payload, alias) -%}
cross join unpivot {{ relation_alias }}.{{ payload }} as {{ alias }}_value at {{ alias }}
{%- endmacro %}

{% macro athena__payload_field_names(relation_alias, payload, alias) -%}
cross join unnest(map_keys(try(cast(json_parse({{ relation_alias }}.{{ payload }}) as map(varchar, json))))) as {{ alias }} (field_name)
{%- endmacro %}


{# The name that payload_field_names() gave. #}
{% macro payload_field_name(alias) %}{{ return(adapter.dispatch('payload_field_name', 'millrace')(alias)) }}{% endmacro %}

{% macro default__payload_field_name(alias) -%}{{ alias }}.field_name{%- endmacro %}

{% macro redshift__payload_field_name(alias) -%}cast({{ alias }} as varchar(256)){%- endmacro %}


{#
    Value of the first key of a landed map, as JSON text, that a pattern matches whole, capitals or not; null where there is none. Redshift lands no maps.
    map_text: SQL expression. pattern: regular expression in small letters.
#}
{% macro map_value(map_text, pattern) %}{{ return(adapter.dispatch('map_value', 'millrace')(map_text, pattern)) }}{% endmacro %}

{% macro default__map_value(map_text, pattern) %}{{ engine_refuses('map_value') }}{% endmacro %}

{% macro duckdb__map_value(map_text, pattern) -%}
case when json_valid({{ map_text }}) and json_type({{ map_text }}) = 'OBJECT' then list_extract(
    list_transform(
        list_filter(json_keys({{ map_text }}), lambda name: regexp_matches(lower(name), '^{{ pattern }}$')),
        lambda name: json_extract_string({{ map_text }}, '$."' || name || '"')
    ), 1
) end
{%- endmacro %}

{% macro redshift__map_value(map_text, pattern) -%}cast(null as varchar(256)){%- endmacro %}

{% macro athena__map_value(map_text, pattern) -%}
element_at(map_values(map_filter(
    try(cast(json_parse({{ map_text }}) as map(varchar, varchar))), (name, tag) -> regexp_like(lower(name), '^{{ pattern }}$')
)), 1)
{%- endmacro %}
