{#
    Marts of the S3 bill that a load brings up to date by bucket and day: a day that is touched is worked out as a whole, and what it has no longer is
    removed (current_state_strategy(), with the removal flag is_removed, which is always false in the table).
#}

{#
    The end of such a model, behind its last CTE: a SELECT of its rows, and on a later load, with is_removed, of those that the affected days had and
    have no longer. In one pass: an engine that works a CTE out for each place that names it would else do all of it twice.
    rows: name of the CTE with the rows of the affected days. days: name of the CTE with these days, bucket_name and inventory_on, each once.
    keys: the columns of the grain. measures: the other columns.
#}
{% macro replace_days(rows, days, keys, measures) -%}
{%- if not is_incremental() %}

select
    {{ (keys + measures) | join(',\n    ') }},
    false as is_removed
from {{ rows }}
{%- else %},

known_and_new as (

    select
        {{ (keys + measures) | join(',\n        ') }},
        false as is_stored
    from {{ rows }}

    union all

    select
        stored.{{ (keys + measures) | join(',\n        stored.') }},
        true as is_stored
    from {{ this }} as stored
    inner join {{ days }}
        on stored.bucket_name = {{ days }}.bucket_name and stored.inventory_on = {{ days }}.inventory_on

),

told_apart as (

    select
        known_and_new.*,
        min(case when is_stored then 1 else 0 end) over (partition by {{ keys | join(', ') }}) as is_stored_alone
    from known_and_new

)

select
    {{ (keys + measures) | join(',\n    ') }},
    is_stored as is_removed
from told_apart
where not is_stored or is_stored_alone = 1
{%- endif %}
{%- endmacro %}


{#
    Predicate: another model has read the record since this one was built last. `true` on a first load. For a model that reads what the other one made
    of the record: built alone, before the other one, it would else miss it for good.
    relation: ref() of the model that states loaded_at. reader: name of the other model. alias: alias of the relation in the query.
#}
{% macro was_read_since(relation, reader, alias) %}
    {%- do refuse_unmarked_parent(relation) -%}
    {%- if not is_incremental() -%}{{ return('true') }}{%- endif -%}
    {%- set predicate -%}
    {{ alias }}.loaded_at > coalesce(
            (
                select max(marks.loaded_until)
                from {{ source('operations', 'load_marks') }} as marks
                where
                    marks.consumer = '{{ reader }}'
                    and marks.source_name = '{{ relation_name(relation) }}'
                    and marks.state = 'read'
                    and marks.recorded_at <= (
                        select max(own_marks.recorded_at)
                        from {{ source('operations', 'load_marks') }} as own_marks
                        where own_marks.consumer = '{{ load_mark_consumer() }}' and own_marks.state = 'read'
                    )
            ),
            {{ earliest_timestamp() }}
        )
    {%- endset -%}
    {{ return(predicate) }}
{% endmacro %}


{#
    How a model stands whose statement of a later load has more stages than Athena takes in one (150): rebuilt there, brought up to date elsewhere.
    {{ config(materialized=many_stages_materialization()) }}
#}
{% macro many_stages_materialization() %}{{ return('table' if target.type == 'athena' else 'incremental') }}{% endmacro %}
