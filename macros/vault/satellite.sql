{#
    Satellite: the versions of a key's descriptive columns, in event order. Insert-only.

    A load takes the keys that new records touch, reads all staged records of these keys, and puts in the changes that are not
    there yet. A change is a record whose payload differs from the one before it in event order (event time, then position).
    Because the whole staged history of a touched key is looked at again, a late record finds its place, a repeat that an
    earlier load folded away comes back when a late record lands before it, and a record delivered twice adds nothing.
    Business keys arrive trimmed from staging. Records whose business key is null in all parts describe nobody: they have no
    version here, and the hub's zero key stands for them.
    A row that a late arrival made equal to its neighbour stays (nothing is updated): read through satellite_versions().

    key: name of the hash key column. business_keys, payload, position: columns of the source. source: ref() of the staging
    model. event_at: its event time. position: what breaks ties of the event time; mandatory. timestamps: those of the payload
    columns that are timestamps.
#}
{% macro satellite(key, business_keys, payload, source, position, event_at='event_at', timestamps=[]) %}
    {%- do require_arguments('satellite', {
        'key': key, 'business_keys': business_keys, 'payload': payload, 'source': source, 'position': position
    }) -%}
    {%- do refuse_unique_key('satellite') -%}
    {{- config(dist=key, sort=[key, event_at]) -}}
    {%- set event_order = [event_at] + position -%}
    {#- the text of a timestamp differs by engine: it goes into the hash as microseconds -#}
    {%- set hashed_payload = [] -%}
    {%- for column in payload -%}
        {%- do hashed_payload.append(elapsed_us(earliest_timestamp(), column) if column in timestamps else column) -%}
    {%- endfor -%}
with

{%- if is_incremental() %}

touched_keys as (

    select distinct {{ business_keys | join(', ') }}
    from {{ source }} as records
    where {{ is_new_record(source, 'records') }}

),
{%- endif %}

records as (

    select
        {%- for column in business_keys + payload + event_order %}
        records.{{ column }}{{ ',' if not loop.last }}
        {%- endfor %}
    from {{ source }} as records
    {%- if is_incremental() %}
    inner join touched_keys
        on {% for column in business_keys -%}
            {%- if business_keys | length == 1 -%}
            records.{{ column }} = touched_keys.{{ column }}
            {%- else -%}
            coalesce({{ as_text('records.' ~ column) }}, '^0') = coalesce({{ as_text('touched_keys.' ~ column) }}, '^0')
            {%- endif -%}
            {{- '\n            and ' if not loop.last }}
        {%- endfor %}
    {%- endif %}
    where {% for column in business_keys %}records.{{ column }} is not null{{ ' or ' if not loop.last }}{% endfor %}

),

hashed as (

    select
        {{ hash_key(business_keys) | indent(8) }} as {{ key }},
        {{ hashdiff(hashed_payload) | indent(8) }} as hashdiff,
        {{ (payload + event_order) | join(',\n        ') }}
    from records

),

ordered as (

    select
        *,
        lag(hashdiff) over (partition by {{ key }} order by {{ event_order | join(', ') }}) as previous_hashdiff
    from hashed

),

versions as (

    select ordered.*
    from ordered
    {%- if is_incremental() %}
    left join {{ this }} as known
        on ordered.{{ key }} = known.{{ key }}
            {%- for column in event_order %}
            and ordered.{{ column }} = known.{{ column }}
            {%- endfor %}
    {%- endif %}
    where
        (ordered.previous_hashdiff is null or ordered.previous_hashdiff <> ordered.hashdiff)
        {%- if is_incremental() %}
        and known.{{ key }} is null
        {%- endif %}

)

select
    cast({{ key }} as {{ text_type(64) }}) as {{ key }},
    {{ event_order | join(',\n    ') }},
    cast(hashdiff as {{ text_type(64) }}) as hashdiff,
    {{ payload | join(',\n    ') }},
    {{ load_columns("'" ~ relation_name(source) ~ "'") }}
from versions
{%- endmacro %}
