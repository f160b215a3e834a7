{#
    Link: one row per combination of business keys ever seen together. Insert-only; reads the records it has not read.
    key: name of the link's hash key. hubs: for each hub key column the source columns of its business key, in order. child_keys: columns
    that tell rows of one combination apart and belong to no hub (dependent child keys, such as a line number). All of them together make
    the link's key. sources: list of ref()s that have these columns, or of {'relation': ref(), 'columns': {column here: column there}}, where
    a mapping gives a source's key rules of its own, as in hub(): {'customer_id': {'column': 'account_number', 'collision_code': 'crm'}}.
    A combination that misses a key is kept, with the zero key of that hub, and is_partial_key says so. A delete that carries a part of the
    keys alone states no combination and adds none; with all of them it names one that there was.
    operation: column with the kind of change, `deletes` its values that mean a delete; a source may name its own ('operation').
#}
{% macro link(key, hubs, sources, child_keys=[], operation=none, deletes=['delete']) %}
    {%- do require_arguments('link', {'key': key, 'hubs': hubs, 'sources': sources}) -%}
    {%- do refuse_unique_key('link') -%}
    {{- config(dist=key, sort=key) -}}
    {{- link_body(key, hubs, sources, child_keys, operation=operation, deletes=deletes) -}}
{%- endmacro %}


{#
    Same-as link: pairs of keys of one hub that stand for the same thing, as a source or a matching rule states them. A key paired with
    itself is left out. Otherwise a link.
    hub_key: hash key column of the hub, 'customer_hk' gives master_customer_hk and duplicate_customer_hk. master, duplicate: source columns of
    the business key that is kept, and of the one that means the same.
#}
{% macro same_as_link(key, hub_key, master, duplicate, sources) %}
    {%- do require_arguments('same_as_link', {
        'key': key, 'hub_key': hub_key, 'master': master, 'duplicate': duplicate, 'sources': sources
    }) -%}
    {%- do refuse_unique_key('same_as_link') -%}
    {{- config(dist=key, sort=key) -}}
    {{- link_body(key, {'master_' ~ hub_key: master, 'duplicate_' ~ hub_key: duplicate}, sources, [], true) -}}
{%- endmacro %}


{# What both share. only_different: without the rows whose hub keys are all the same. #}
{% macro link_body(key, hubs, sources, child_keys, only_different=false, operation=none, deletes=['delete']) %}
    {%- set hub_keys = hubs.keys() | list -%}
    {#- a column is read once for each set of rules; a child key keeps its name -#}
    {%- set texts = [] -%}
    {%- for part in child_keys + link_parts(hubs, []) -%}
        {%- if part not in texts | map(attribute='part') | list -%}
            {%- set is_known = key_column(part) in texts | map(attribute='name') | list -%}
            {%- do texts.append({'part': part, 'name': key_column(part) ~ ('_' ~ loop.index if is_known else '')}) -%}
        {%- endif -%}
    {%- endfor -%}
    {%- set names = texts | map(attribute='name') | list -%}
    {%- set settled = {} -%}
    {%- for hub_key, columns in hubs.items() -%}{%- do settled.update({hub_key: settled_texts(columns, texts)}) -%}{%- endfor -%}
    {%- set settled_children = settled_texts(child_keys, texts) -%}
    {%- set kinds = [operation] if operation else [] -%}
    {%- for item in sources if item is mapping and item.operation -%}{%- do kinds.append(item.operation) -%}{%- endfor -%}
with

new_records as (

    {%- for item in sources %}
    {%- set relation = item if item.relation is undefined or item.relation is none else item.relation %}
    {%- set own = item if item is mapping and item.relation else {} %}
    {%- set renamed = own.columns or {} %}
    {%- set kind = own.operation or operation %}

    select distinct
        {%- for text in texts %}
        {{ key_text(text.part, alias='records', column=renamed[key_column(text.part)]) }} as {{ text.name }},
        {%- endfor %}
        {%- if kinds %}
        {{ "case when records." ~ kind ~ " in ('" ~ deletes | join("', '") ~ "') then 1 else 0 end" if kind else 0 }} as is_delete,
        {%- endif %}
        '{{ relation_name(relation) }}' as record_source
    from {{ relation }} as records
    where {{ is_new_record(relation, 'records') }}
    {{- '\n\n    union all' if not loop.last }}
    {%- endfor %}

),

hashed as (

    select
        {{ link_keys(key, settled, settled_children) | indent(8) }},
        case when {{ names | join(' is null or ') }} is null then 1 else 0 end as missing_parts,
        {%- if kinds %}
        is_delete,
        {%- endif %}
        record_source
    from new_records

),

keyed as (

    select
        {{ key }},
        {%- for column in hub_keys + key_columns(child_keys) %}
        min({{ column }}) as {{ column }},
        {%- endfor %}
        max(missing_parts) as missing_parts,
        min(record_source) as record_source
    from hashed
    {%- if only_different %}
    where {{ hub_keys[0] }} <> {{ hub_keys[1] }}
    {%- elif kinds %}
    where missing_parts = 0 or is_delete = 0
    {%- endif %}
    group by {{ key }}

),

unknown as (

    {{ rows_not_stored('keyed', [key]) }}

)

select
    {{ stored_link_keys(key, hubs, child_keys) }},
    missing_parts = 1 as is_partial_key,
    {{ load_columns('record_source') }}
from unknown
{%- endmacro %}


{# Key parts over the texts that link_body() reads. texts: list of {'part', 'name'}. #}
{% macro settled_texts(parts, texts) %}
    {%- set settled = [] -%}
    {%- for part in parts -%}
        {%- do settled.append({'column': (texts | selectattr('part', 'equalto', part) | first).name, 'trim': false}) -%}
    {%- endfor -%}
    {{ return(settled) }}
{% endmacro %}


{# Parts of a link's key: the business keys of its hubs in order, then the child keys. #}
{% macro link_parts(hubs, child_keys) %}
    {%- set parts = [] -%}
    {%- for columns in hubs.values() -%}{%- do parts.extend(columns) -%}{%- endfor -%}
    {{ return(parts + child_keys) }}
{% endmacro %}


{# Columns: the link's hash key, those of its hubs, the child keys; computed from the business keys. #}
{% macro link_keys(key, hubs, child_keys) -%}
    {{ hash_key(link_parts(hubs, child_keys)) }} as {{ key }}
    {%- for hub_key, columns in hubs.items() %},
{{ hash_key(columns) }} as {{ hub_key }}
    {%- endfor %}
    {%- for part in child_keys %},
{{ key_text(part) }} as {{ key_column(part) }}
    {%- endfor %}
{%- endmacro %}


{# The same columns, typed as they are stored. #}
{% macro stored_link_keys(key, hubs, child_keys) -%}
    {%- for column in [key] + hubs | list -%}
    {{ ',\n    ' if not loop.first }}cast({{ column }} as {{ text_type(64) }}) as {{ column }}
    {%- endfor %}
    {%- for column in key_columns(child_keys) %},
    cast({{ column }} as {{ text_type(256) }}) as {{ column }}
    {%- endfor %}
{%- endmacro %}
