{#
    Satellite: the versions of a key's descriptive columns, in event order. Insert-only.

    A load takes the keys that new records touch, reads all staged records of these keys, and puts in the changes that are not
    there yet. A change is a record whose payload differs from the one before it in event order (event time, then position).
    Because the whole staged history of a touched key is looked at again, a late record finds its place, a repeat that an
    earlier load folded away comes back when a late record lands before it, and a record delivered twice adds nothing.
    Business keys arrive trimmed from staging, or with rules of their own. Records whose business key is null in all parts describe
    nobody: they have no version here, and the hub's zero key stands for them.
    A row that a late arrival made equal to its neighbour stays (nothing is updated): read through satellite_versions().
    A delete says nothing of the payload, with an image or without: it has no version here (status_tracking_satellite() has it).

    key: name of the hash key column. business_keys: its parts in the source (dependent child keys among them); none where the source has
    the hash key itself. payload, position: columns of the source. source: ref() of the staging model. event_at: its event time. position:
    what breaks ties of the event time; mandatory, never null. timestamps, booleans: those of the payload columns that are.
    version_key: name of a second key, one per version: what facts and point-in-time tables refer to. With it comes the ghost record,
    the version of the zero key that stands for "nothing known".
    operation: column with the kind of change, `deletes` its values that mean a delete; a change feed says it by itself (states_row).
#}
{% macro satellite(
    key, business_keys, payload, source, position, event_at='event_at', timestamps=[], booleans=[], version_key=none, operation=none,
    deletes=['delete']
) %}
    {%- do require_arguments('satellite', {'key': key, 'payload': payload, 'source': source, 'position': position}) -%}
    {%- do refuse_unique_key('satellite') -%}
    {{- config(dist=key, sort=[key, event_at]) -}}
    {{- satellite_body(
        key, business_keys, payload, source, position, event_at, timestamps, booleans, version_key,
        stating=stating_records(position, operation, deletes)
    ) -}}
{%- endmacro %}


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
    need. stating: {'column', 'condition'} that says which records state the payload; none: all do.
#}
{% macro satellite_body(
    key, business_keys, payload, source, position, event_at, timestamps, booleans, version_key=none, expressions={}, inputs=[], stating=none
) %}
    {%- set keys = business_keys or [key] -%}
    {%- set key_names = key_columns(keys) -%}
    {%- set grain = [key] if key else key_names -%}
    {%- set event_order = [event_at] + position -%}
    {%- set in_order = order_of_events(event_at, position) | join(', ') -%}
    {%- set inputs = inputs + ([stating.column] if stating else []) -%}
with
{{- touched_records(source, keys, (key_names + payload | reject('in', expressions) | list + inputs + event_order) | unique | list) }},

described as (

    select
        {%- for column in key_names + event_order %}
        {{ column }},
        {%- endfor %}
        {%- if stating %}
        {{ stating.condition }} as states_payload,
        {%- endif %}
        {%- for name in payload %}
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
        coalesce({{ key_text(part) }}, '') as {{ key_column(part) }},
        {%- endfor %}
        {%- endif %}
        {{ hashdiff(hashable(payload, timestamps, booleans)) | indent(8) }} as hashdiff,
        {{ (payload + event_order + (['states_payload'] if stating else [])) | join(',\n        ') }}
    from described

),

{% if is_whole_order(position) -%}
{%- set carried = grain + ['hashdiff'] + payload + position + (['states_payload'] if stating else []) -%}
{{ moments_in_order('hashed', grain, event_at, position, carried) }}

{% endif -%}
ordered as (

    select
        *,
        lag(hashdiff) over (partition by {{ grain | join(', ') }} order by {{ in_order }}) as previous_hashdiff
    from {{ 'moments' if is_whole_order(position) else 'hashed' }}
    {%- if stating %}
    where states_payload
    {%- endif %}

),

changes as (

    select * from ordered
    where previous_hashdiff is null or previous_hashdiff <> hashdiff

),

versions as (

    {{ rows_not_stored('changes', grain + event_order) }}

),

stored as (

    select
        {{ grain | join(',\n        ') }},
        {%- if version_key %}
        {{ hash_key([key] + hashable([event_at], [event_at]) + position) | indent(8) }} as {{ version_key }},
        {%- endif %}
        {{ (event_order + ['hashdiff'] + payload) | join(',\n        ') }},
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
        nothing.{{ payload | join(',\n        nothing.') }},
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
    {{ payload | join(',\n    ') }},
    {{ load_columns('record_source') }}
from stored
{%- endmacro %}
