{#
    Satellite: the versions of a key's descriptive columns, in event order. Insert-only.

    A load takes the keys that new records touch, reads all staged records of these keys, and puts in the changes that are not
    there yet. A change is a record whose payload differs from the one before it in event order (event time, then position).
    Because the whole staged history of a touched key is looked at again, a late record finds its place, a repeat that an
    earlier load folded away comes back when a late record lands before it, and a record delivered twice adds nothing.
    Business keys count by their rules (trimmed, unless a part says otherwise), payload as it is: blanks at its ends make a version. Records
    whose business key is null in all parts describe nobody: they have no version here, and the hub's zero key stands for them. A record
    without an event time counts as the oldest. Two payloads at one event time and position are both kept, whatever loads they came in;
    which of them counts is arbitrary, but always the same one.
    A row that a late arrival made equal to its neighbour stays (nothing is updated): read through satellite_versions().
    A delete says nothing of the payload, with an image or without: it has no version here (status_tracking_satellite() has it).

    key: name of the hash key column. business_keys: its parts in the source (dependent child keys among them); none where the source has
    the hash key itself. payload, position: columns of the source. source: ref() of the staging model. event_at: its event time. position:
    what breaks ties of the event time; mandatory, never null. timestamps, booleans: those of the payload columns that are.
    version_key: name of a second key, one per version (key, event time, position and hashdiff make it): what facts and point-in-time tables
    refer to. With it comes the ghost record, the version of the zero key that stands for "nothing known".
    operation: column with the kind of change, `deletes` its values that mean a delete; a change feed says it by itself (states_row).
    payload may also be {'exclude': [...]}: the columns in the YAML of source but these, its keys and what says when and how a record came.
    extra_columns: stored beside the payload as the record that begins a version has them; a change of them begins none.
#}
{% macro satellite(
    key, business_keys, payload, source, position, event_at='event_at', timestamps=[], booleans=[], version_key=none, operation=none,
    deletes=['delete'], extra_columns=[]
) %}
    {%- do require_arguments('satellite', {'key': key, 'payload': payload, 'source': source, 'position': position}) -%}
    {%- do refuse_unique_key('satellite') -%}
    {{- config(dist=key, sort=[key, event_at]) -}}
    {%- if payload is mapping -%}
        {%- set others = key_columns(business_keys or [key]) + [key, event_at, operation] + position + extra_columns -%}
        {%- set payload = payload_but('satellite', payload, others, source) -%}
    {%- endif -%}
    {{- satellite_body(
        key, business_keys, payload, source, position, event_at, timestamps, booleans, version_key,
        stating=stating_records(position, operation, deletes), extra_columns=extra_columns
    ) -}}
{%- endmacro %}


{#
    Payload by exclusion: the columns in the YAML of a source, in its order, but those named and what says when and how a record came.
    payload: {'exclude': [...]}. others: columns that are something else here.
#}
{% macro payload_but(macro_name, payload, others, source) %}
    {%- if not execute -%}{{ return(['known_when_compiled']) }}{%- endif -%}
    {%- set technical = [
        'loaded_at', 'load_id', 'record_source', 'arrived_at', 'change_id', 'change_kind', 'change_order', 'states_row', 'undeclared_columns'
    ] -%}
    {%- set columns = [] -%}
    {%- for node in (graph.get('nodes') or {}).values() if node.name == relation_name(source) and node.resource_type in ('model', 'seed') -%}
        {%- do columns.extend(node.columns.keys()) -%}
    {%- endfor -%}
    {%- set unknown = (payload.exclude or []) | reject('in', columns) | list -%}
    {%- set kept = columns | reject('in', (payload.exclude or []) + others + technical) | list -%}
    {%- if payload.keys() | list != ['exclude'] or not kept -%}
        {{ exceptions.raise_compiler_error(
            "millrace: " ~ model.name ~ ": " ~ macro_name ~ "(): payload is a list of columns, or {'exclude': [...]} where the YAML of the source "
            ~ "names the columns; got " ~ payload ~ ", and " ~ relation_name(source) ~ " has " ~ (columns | join(', ') or 'none') ~ "."
        ) }}
    {%- elif unknown -%}
        {{ exceptions.raise_compiler_error(
            "millrace: " ~ model.name ~ ": " ~ macro_name ~ "(): payload excludes columns which the YAML of " ~ relation_name(source)
            ~ " does not have: " ~ unknown | join(', ') ~ "."
        ) }}
    {%- endif -%}
    {{ return(kept) }}
{% endmacro %}


{#
    Satellite of deletions: one row per change between there and deleted, by the operation that the source stated. A key that comes back
    after a delete gets a row again. Columns as a satellite's; the payload is is_deleted.
    operation: column with the kind of change, `deletes` its values that mean a delete.
#}
{% macro status_tracking_satellite(
    key, business_keys, source, position, operation='change_kind', deletes=['delete'], event_at='event_at', version_key=none
) %}
    {%- do require_arguments('status_tracking_satellite', {
        'key': key, 'source': source, 'position': position, 'operation': operation, 'deletes': deletes
    }) -%}
    {%- do refuse_unique_key('status_tracking_satellite') -%}
    {{- config(dist=key, sort=[key, event_at]) -}}
    {%- set is_delete = "coalesce(" ~ operation ~ " in ('" ~ deletes | join("', '") ~ "'), false)" -%}
    {{- satellite_body(
        key, business_keys, ['is_deleted'], source, position, event_at, [], ['is_deleted'], version_key,
        expressions={'is_deleted': is_delete}, inputs=[operation]
    ) -}}
{%- endmacro %}


{#
    Satellite of a reference table: versions of what a code means, by the code itself instead of a hash key. Otherwise a satellite.
    codes: columns of the code.
#}
{% macro reference_satellite(codes, payload, source, position, event_at='event_at', timestamps=[], booleans=[]) %}
    {%- do require_arguments('reference_satellite', {
        'codes': codes, 'payload': payload, 'source': source, 'position': position
    }) -%}
    {%- do refuse_unique_key('reference_satellite') -%}
    {{- config(dist='all', sort=key_columns(codes) + [event_at]) -}}
    {{- satellite_body(
        none, codes, payload, source, position, event_at, timestamps, booleans, stating=stating_records(position, none, [])
    ) -}}
{%- endmacro %}


{#
    What the satellites share. expressions: of payload columns that the source does not have under that name. inputs: columns that these
    need. stating: {'column', 'condition'} that says which records state the payload; none: all do. extra_columns: carried, not compared.
#}
{% macro satellite_body(
    key, business_keys, payload, source, position, event_at, timestamps, booleans, version_key=none, expressions={}, inputs=[], stating=none,
    extra_columns=[]
) %}
    {%- set described = payload + extra_columns -%}
    {%- set keys = business_keys or [key] -%}
    {%- set key_names = key_columns(keys) -%}
    {%- set grain = [key] if key else key_names -%}
    {%- set event_order = [event_at] + position -%}
    {%- set in_order = (order_of_events(event_at, position) + ['hashdiff']) | join(', ') -%}
    {%- set inputs = inputs + ([stating.column] if stating else []) -%}
    {#- of a code of several parts one may be missing -#}
    {%- set nullable = key_names if not key and key_names | length > 1 else [] -%}
with
{{- touched_records(
    source, keys, (key_names + described | reject('in', expressions) | list + inputs + event_order) | unique | list,
    hash_key=not business_keys
) }},

described as (

    select
        {%- for column in key_names %}
        {{ column }},
        {%- endfor %}
        {{ event_at if is_whole_order(position) else known_moment(event_at) ~ ' as ' ~ event_at }},
        {%- for column in position %}
        {{ column }},
        {%- endfor %}
        {%- if stating %}
        {{ stating.condition }} as states_payload,
        {%- endif %}
        {%- for name in described %}
        {{ expressions[name] ~ ' as ' ~ name if name in expressions else name }}{{ ',' if not loop.last }}
        {%- endfor %}
    from records

),

hashed as (

    select
        {%- if key and business_keys %}
        {{ hash_key(business_keys) | indent(8) }} as {{ key }},
        {%- elif key %}
        {{ key }},
        {%- else %}
        {%- for part in keys %}
        {{ key_text(part) }} as {{ key_column(part) }},
        {%- endfor %}
        {%- endif %}
        {{ hashdiff(hashable(payload, timestamps, booleans, source)) | indent(8) }} as hashdiff,
        {{ (described + event_order + (['states_payload'] if stating else [])) | join(',\n        ') }}
    from described

),

{% if is_whole_order(position) -%}
{%- set carried = grain + ['hashdiff'] + described + position + (['states_payload'] if stating else []) -%}
{{ moments_in_order('hashed', grain, event_at, position, carried) }}

{% endif -%}
ordered as (

    select
        *,
        lag(hashdiff) over (partition by {{ grain | join(', ') }} order by {{ in_order }}) as previous_hashdiff
        {{- hashdiffs_at_place(grain, event_at, position) }}
    from {{ 'moments' if is_whole_order(position) else 'hashed' }}
    {%- if stating %}
    where states_payload
    {%- endif %}

),

changes as (

    select
        ordered.*
        {{- looked_for(position) }}
    from ordered
    where previous_hashdiff is null or previous_hashdiff <> hashdiff

),

versions as (

    {{ rows_not_stored('changes', grain + event_order, nullable, is_stored_payload('changes', position)) }}

),

stored as (

    select
        {{ grain | join(',\n        ') }},
        {%- if version_key %}
        {{ hash_key([key] + hashable([event_at], [event_at]) + position + ['hashdiff']) | indent(8) }} as {{ version_key }},
        {%- endif %}
        {{ (event_order + ['hashdiff'] + described) | join(',\n        ') }},
        '{{ relation_name(source) }}' as record_source
    from versions
    {%- if version_key and not is_incremental() %}

    union all

    select
        '{{ zero_key() }}' as {{ key }},
        '{{ zero_key() }}' as {{ version_key }},
        {{ earliest_timestamp() }} as {{ event_at }},
        nothing.{{ position | join(',\n        nothing.') }},
        '{{ zero_key() }}' as hashdiff,
        nothing.{{ described | join(',\n        nothing.') }},
        'ghost record' as record_source
    from (select 1 as ghost) as ghosts
    -- nulls of the columns' types
    left join versions as nothing
        on 1 = 0
    {%- endif %}

)

select
    {%- for column in grain %}
    cast({{ column }} as {{ text_type(64 if key else 256) }}) as {{ column }},
    {%- endfor %}
    {%- if version_key %}
    cast({{ version_key }} as {{ text_type(64) }}) as {{ version_key }},
    {%- endif %}
    {{ event_order | join(',\n    ') }},
    cast(hashdiff as {{ text_type(64) }}) as hashdiff,
    {{ described | join(',\n    ') }},
    {{ load_columns('record_source') }}
from stored
{%- endmacro %}
