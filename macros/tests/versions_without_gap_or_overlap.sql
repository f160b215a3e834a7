{#
    Generic test: the versions of each key follow each other without a gap and without an overlap, and the last one is open. Fails with
    the versions that end before they begin, or at another moment than the next one begins, or that are open with another one behind them.
    Versions of one moment (an empty validity) are none of these.
#}
{% test versions_without_gap_or_overlap(model, key, valid_from='valid_from', valid_to='valid_to', order_by=none) %}
    {%- set keys = [key] if key is string else key -%}
    {%- set in_order = ([order_by] if order_by is string else order_by) or [valid_from, valid_to] -%}
with

ordered as (

    select
        {{ keys | join(',\n        ') }},
        {{ valid_from }},
        {{ valid_to }},
        lead({{ valid_from }}) over (
            partition by {{ keys | join(', ') }} order by {{ in_order | join(', ') }}
        ) as next_valid_from
    from {{ model }}

)

select *
from ordered
where
    {{ valid_to }} < {{ valid_from }}
    or (next_valid_from is not null and ({{ valid_to }} is null or {{ valid_to }} <> next_valid_from))
    or (next_valid_from is null and {{ valid_to }} is not null)
{% endtest %}
