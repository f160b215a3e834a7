{#
    Generic test, on the staging model that an effectivity_satellite() reads: for one driving key, one relationship is stated at one moment.
    Fails with the driving keys and moments at which there are several, of which relationships='one at a time' takes the last; where the
    source states sets, take 'as a set'. Best with config: {severity: warn}.
    driving_keys: columns of the driving key's business keys, with their rules. relationship: columns of the others, with their rules.
    operation, deletes: as in effectivity_satellite().
#}
{% test states_one_relationship_at_a_time(
    model, driving_keys, relationship, event_at='event_at', operation=none, deletes=['delete']
) %}
with

stated as (

    select distinct
        {{ hash_key(driving_keys) | indent(8) }} as driving_key,
        {{ hash_key(relationship) | indent(8) }} as relationship_key,
        {{ event_at }} as stated_at
    from {{ model }}
    {%- if operation %}
    where {{ operation }} not in ('{{ deletes | join("', '") }}') or {{ operation }} is null
    {%- endif %}

)

select
    driving_key,
    stated_at,
    count(*) as relationships
from stated
where
    driving_key <> '{{ zero_key() }}'
    and stated_at is not null
group by driving_key, stated_at
having count(*) > 1
{% endtest %}
