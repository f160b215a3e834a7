{{ config(tags=['daily']) }}
-- Grain: one row per bucket and day with a tagged line of the bill: the tag of that day says whose the bucket was, and a later one changes nothing of it.
with

lines as (
    {% for name in ('stg_cur__line_items', 'stg_focus__line_items') %}
    select
        bucket_name,
        cast(usage_starts_at as date) as usage_on,
        owner_tag
    from {{ ref(name) }}
    where bucket_name <> '' and owner_tag is not null
    {{ 'union all' if not loop.last }}
    {% endfor %}
)

select
    bucket_name,
    usage_on,
    -- hours of a day may differ: the last in the alphabet, so that it is always the same one
    cast(max(owner_tag) as {{ text_type(256) }}) as owner_tag
from lines
group by bucket_name, usage_on
