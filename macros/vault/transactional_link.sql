{#
    Transactional link: events that happen once and never change (a payment, a reading), with the keys they join and their figures.
    Insert-only; reads the records it has not read. An event that is stated again with the same content is known. One that is stated again
    with other content is no event that never changes: nobody can tell here which statement is right. restated='keep' (default) keeps
    both, and the model's unique test on the key shows it; restated='ignore' keeps the one that was loaded first, as other packages do,
    and what that is depends on the batches.
    key: name of the event's hash key. hubs: for each hub key column its business key's columns in the source. transaction_keys: columns
    that tell events of the same hubs apart. payload: further columns. event_at: its event time. source: ref() of the staging model.
#}
{% macro transactional_link(
    key, hubs, transaction_keys, payload, source, event_at='event_at', timestamps=[], booleans=[],
    restated='keep'
) %}
    {%- do require_arguments('transactional_link', {'key': key, 'hubs': hubs, 'transaction_keys': transaction_keys, 'source': source}) -%}
    {%- do refuse_unique_key('transactional_link') -%}
    {%- if restated not in ('keep', 'ignore') -%}
        {{ exceptions.raise_compiler_error(
            "millrace: " ~ model.name ~ ": transactional_link(): restated is 'keep' or 'ignore', got '" ~ restated ~ "'."
        ) }}
    {%- endif -%}
    {{- config(dist=key, sort=event_at) -}}
    {%- set identity = [key, 'hashdiff'] if restated == 'keep' else [key] -%}
    {%- set parts = link_parts(hubs, transaction_keys) -%}
    {%- set child_keys = key_columns(transaction_keys) -%}
    {%- set content = [event_at] + payload | list -%}
with

new_records as (

    select
        {{ (key_columns(parts) + content) | unique | join(',\n        ') }}
    from {{ source }} as records
    where {{ is_new_record(source, 'records') }}

),

hashed as (

    select
        {{ link_keys(key, hubs, transaction_keys) | indent(8) }},
        {{ hashdiff(hashable(content, timestamps + [event_at], booleans, source)) | indent(8) }} as hashdiff,
        {{ content | reject('in', child_keys) | join(',\n        ') }}
    from new_records

),

numbered as (

    select
        hashed.*,
        row_number() over (partition by {{ identity | join(', ') }} order by {{ event_at }}) as repetition
    from hashed

),

events as (

    select * from numbered
    where repetition = 1

),

unknown as (

    {{ rows_not_stored('events', identity) }}

)

select
    {{ stored_link_keys(key, hubs, transaction_keys) }},
    cast(hashdiff as {{ text_type(64) }}) as hashdiff,
    {{ content | reject('in', child_keys) | join(',\n    ') }},
    {{ load_columns("'" ~ relation_name(source) ~ "'") }}
from unknown
{%- endmacro %}
