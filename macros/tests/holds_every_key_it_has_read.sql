{#
    Generic test, on a hub or a link: of the records that it says it has read (its load mark), each key is in it. Fails with the keys that were
    read past: a mark that moved without the rows behind it.
    key: hash key column. staging: ref() of the staging model. business_keys: columns of it that make the key, with their rules.
#}
{% test holds_every_key_it_has_read(model, key, staging, business_keys) %}
with

marks as (

    select max(loaded_until) as loaded_until
    from {{ source('operations', 'load_marks') }}
    where consumer = '{{ relation_name(model) }}' and source_name = '{{ relation_name(staging) }}' and state = 'read'

),

staged as (

    select distinct {{ hash_key(business_keys) | indent(4) }} as staged_key
    from {{ staging }} as records
    cross join marks
    where records.loaded_at <= marks.loaded_until

)

select staged.staged_key
from staged
left join {{ model }} as stored
    on staged.staged_key = stored.{{ key }}
where stored.{{ key }} is null
{% endtest %}
