{#
    Changes of a Debezium feed that are later than another one of their partition, by offset and by the source's time, and stand before it in the
    order: positions started over and the load could not tell (the record came after later ones). docs/sources/debezium.md says what to do.
    model: a delivered_ model of the format debezium.
#}
{% test order_follows_offset_and_time(model) %}
with

placed as (

    select
        landing,
        event_at,
        change_id,
        change_order,
        {{ sortable_moment('event_at') }} as moment_text,
        substring(change_order, length(change_order) - 30, 10) as partition_text,
        substring(change_order, length(change_order) - 19, 20) as offset_text
    from {{ model }}
    where outcome = 'accepted'

),

followed as (

    select
        placed.*,
        max(moment_text || ' ' || change_order) over (
            partition by landing, partition_text order by offset_text rows between unbounded preceding and 1 preceding
        ) as latest_before
    from placed

)

select
    landing,
    partition_text,
    offset_text,
    event_at,
    change_id
from followed
where moment_text > substring(latest_before, 1, 20) and change_order < substring(latest_before, 22)
{% endtest %}
