{#
    Generic test, on a delivered_ model of a change feed. Fails with the accepted records whose text does not hold the type that the feed
    declares now: a type was narrowed after they came. Declare the wider type again; nothing is lost, the text is kept.
    feed: name of the feed.
#}
{% test every_value_has_its_type(model, feed) %}
{%- set feed = change_feed(feed) %}
select *
from {{ model }}
where
    outcome = 'accepted'
    and (
        false
        {%- for name, column in feed.columns.items() if column.type not in ('text', 'json') %}
        or ({{ column_name(name) }} is not null and {{ change_column_value(column_name(name), column) | indent(8) }} is null)
        {%- endfor %}
    )
{% endtest %}
