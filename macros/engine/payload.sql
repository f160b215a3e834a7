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

{% macro duckdb__payload_document(payload, fields) -%}
    {%- set structure = {} -%}
    {%- for field in fields -%}{%- do structure.update({field: 'JSON'}) -%}{%- endfor -%}
    json_transform({{ payload }}, '{{ tojson(structure) | replace("'", "''") }}')
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
    case when json_type({{ document }}."{{ field }}") not in ('OBJECT', 'ARRAY') then {{ document }}."{{ field }}" ->> '$' end
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
    The element is navigated as <alias>.element with payload_at(), or read as text with payload_element_text().
#}
{% macro payload_unnest(relation_alias, payload, path, alias) %}
    {{ return(adapter.dispatch('payload_unnest', 'millrace')(relation_alias, payload, path, alias)) }}
{% endmacro %}

{% macro default__payload_unnest(relation_alias, payload, path, alias) %}{{ engine_refuses('payload_unnest') }}{% endmacro %}

{% macro duckdb__payload_unnest(relation_alias, payload, path, alias) -%}
    left join lateral (
        select unnest(json_extract({{ relation_alias }}.{{ payload }}, '$."{{ path | join('"."') }}"[*]')) as element
    ) as {{ alias }} on true
{%- endmacro %}

{% macro redshift__payload_unnest(relation_alias, payload, path, alias) -%}
    left join {{ relation_alias }}.{{ payload }}."{{ path | join('"."') }}" as {{ alias }} on true
{%- endmacro %}

{% macro athena__payload_unnest(relation_alias, payload, path, alias) -%}
    left join unnest(
        try(cast(json_extract({{ relation_alias }}.{{ payload }}, '$["{{ path | join('"]["') }}"]') as array(json)))
    ) as {{ alias }} (element) on true
{%- endmacro %}


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

{% macro redshift__raw_bytes_as_text(column) -%}from_varbyte({{ column }}, 'hex'){%- endmacro %}


{# True where a field of a document is an object or an array: payload_field() is null there, and nothing else would tell. #}
{% macro payload_is_nested(document, field) %}
    {{ return(adapter.dispatch('payload_is_nested', 'millrace')(document, field)) }}
{% endmacro %}

{% macro default__payload_is_nested(document, field) %}{{ engine_refuses('payload_is_nested') }}{% endmacro %}

{% macro duckdb__payload_is_nested(document, field) -%}
    coalesce(json_type({{ document }}."{{ field }}") in ('OBJECT', 'ARRAY'), false)
{%- endmacro %}

{% macro redshift__payload_is_nested(document, field) -%}
    coalesce(is_object({{ document }}."{{ field }}") or is_array({{ document }}."{{ field }}"), false)
{%- endmacro %}

{% macro athena__payload_is_nested(document, field) -%}
    coalesce(regexp_like(json_format(element_at({{ document }}, '{{ field }}')), '^[\[{]'), false)
{%- endmacro %}


{# A payload as JSON text, to show or keep a record that staging refuses. #}
{% macro payload_as_text(payload) %}{{ return(adapter.dispatch('payload_as_text', 'millrace')(payload)) }}{% endmacro %}

{% macro default__payload_as_text(payload) -%}cast({{ payload }} as varchar){%- endmacro %}

{% macro redshift__payload_as_text(payload) -%}json_serialize({{ payload }}){%- endmacro %}
