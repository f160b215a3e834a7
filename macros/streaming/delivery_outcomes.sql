{#
    Says of each delivered record what becomes of it: accepted, quarantined or duplicate. A SELECT over a CTE, to be the next
    CTE of a delivered_ model; adds `outcome` and `outcome_reason`.
    A record whose identity was delivered before, in this load or in an earlier one, is a duplicate, whatever it holds: each
    identity is accepted or quarantined exactly once.
    records: name of the CTE; it has the column quarantine_reason (null: nothing wrong).
    identity: the columns that tell one record from another; none of them null. order_by: which delivery of a load counts first.
#}
{% macro delivery_outcomes(records, identity, order_by) -%}
    select
        numbered.*,
        case
            when {{ 'known.' ~ identity[0] ~ ' is not null or ' if is_incremental() }}numbered.delivery_number > 1
                then 'duplicate'
            when numbered.quarantine_reason is not null then 'quarantined'
            else 'accepted'
        end as outcome,
        case
            when {{ 'known.' ~ identity[0] ~ ' is not null or ' if is_incremental() }}numbered.delivery_number > 1
                then 'delivered before'
            else numbered.quarantine_reason
        end as outcome_reason
    from (
        select
            {{ records }}.*,
            row_number() over (
                partition by {{ identity | join(', ') }}
                order by {{ order_by | join(', ') }}
            ) as delivery_number
        from {{ records }}
    ) as numbered
    {%- if is_incremental() %}
    left join (
        -- those of the new ones alone, so that a long history is looked through and not laid out
        select distinct {% for column in identity %}seen.{{ column }}{{ ', ' if not loop.last }}{% endfor %}
        from {{ this }} as seen
        inner join {{ records }} as arrived
            on {% for column in identity %}seen.{{ column }} = arrived.{{ column }}{{ ' and ' if not loop.last }}{% endfor %}
        where seen.outcome <> 'duplicate'
    ) as known
        on {% for column in identity -%}
            numbered.{{ column }} = known.{{ column }}
            {{- '\n            and ' if not loop.last }}
        {%- endfor %}
    {%- endif %}
{%- endmacro %}


{#
    The records of a landing model that a delivered_ model has not looked at, with the columns of their identity, `delivery_number` (1:
    first delivery in this load) and `is_known` (delivered by an earlier load): CTEs up to the one named `deliveries`. As
    delivery_outcomes(), for a source whose landed columns tell one record from another: what is a duplicate is found before anything is
    shredded, from a few narrow columns.
    landing: ref() of the landing model. identity: a mapping of column names to SQL expressions over the landing model's columns,
    `landed.<column>`; none of them null. position: {'partition': name, 'offset': name}, those of the identity that grow within a partition;
    then only arrivals that are not beyond the furthest one known of their partition are looked for among the earlier ones.
#}
{% macro new_deliveries(landing, identity, position=none) %}
    {%- if position and (position is not mapping or position.keys() | sort | list != ['offset', 'partition'] or position.values() | reject('in', identity) | list) -%}
        {{ exceptions.raise_compiler_error(
            "millrace: " ~ model.name ~ ": new_deliveries(): 'position' is " ~ position
            ~ ". Give {'partition': name, 'offset': name}, two names of the identity (" ~ identity.keys() | join(', ') ~ ")."
        ) }}
    {%- endif -%}
    {{ return(adapter.dispatch('new_deliveries', 'millrace')(landing, identity, position)) }}
{% endmacro %}

{% macro default__new_deliveries(landing, identity, position) -%}
arrivals as (

    select
        landed.*,
        {%- for name, expression in identity.items() %}
        {{ expression }} as id_{{ name }}{{ ',' if not loop.last }}
        {%- endfor %}
    from {{ landing }} as landed
    where {{ is_new_delivery('landed') }}

),

{{ known_deliveries(identity, position) }}

deliveries as (

    select
        arrivals.*,
        row_number() over (
            partition by {% for name in identity %}arrivals.id_{{ name }}{{ ', ' if not loop.last }}{% endfor %}
            order by arrivals.refresh_time
        ) as delivery_number,
        {{ is_known_delivery(identity) }} as is_known
    from arrivals
    {{- join_known_deliveries(identity, 'arrivals') }}

),
{%- endmacro %}

{# A table has the place of each row in it: the wide rows need not be put into order to tell which comes first. #}
{% macro duckdb__new_deliveries(landing, identity, position) -%}
{%- if model.resource_type == 'unit_test' or reads_less_than_there_is() -%}
{{ default__new_deliveries(landing, identity, position) }}
{%- else -%}
arrivals as (

    select
        landed.rowid as place,
        {%- for name, expression in identity.items() %}
        {{ expression }} as id_{{ name }}{{ ',' if not loop.last }}
        {%- endfor %}
    from {{ landing }} as landed
    where {{ is_new_delivery('landed') }}

),

repeated as (

    select
        {%- for name in identity %}
        id_{{ name }},
        {%- endfor %}
        min(place) as first_place
    from arrivals
    group by {% for name in identity %}id_{{ name }}{{ ', ' if not loop.last }}{% endfor %}
    having count(*) > 1

),

{{ known_deliveries(identity, position) }}

arrived as (

    select
        landed.*,
        landed.rowid as place,
        {%- for name, expression in identity.items() %}
        {{ expression }} as id_{{ name }}{{ ',' if not loop.last }}
        {%- endfor %}
    from {{ landing }} as landed
    where {{ is_new_delivery('landed') }}

),

deliveries as (

    select
        arrived.*,
        case when repeated.first_place <> arrived.place then 2 else 1 end as delivery_number,
        {{ is_known_delivery(identity) }} as is_known
    from arrived
    left join repeated
        on {% for name in identity %}arrived.id_{{ name }} = repeated.id_{{ name }}{{ ' and ' if not loop.last }}{% endfor %}
    {{- join_known_deliveries(identity, 'arrived') }}

),
{%- endif -%}
{%- endmacro %}


{#
    CTE known: the identities among the CTE arrivals that an earlier load has; nothing on a first load. With a position, those beyond the
    furthest one of their partition cannot be among them, and are not looked for: usually all.
#}
{% macro known_deliveries(identity, position=none) -%}
{%- if is_incremental() -%}
{%- if position -%}
furthest as (

    select
        seen.{{ position.partition }} as id_{{ position.partition }},
        max(seen.{{ position.offset }}) as furthest_offset
    from {{ this }} as seen
    where seen.outcome <> 'duplicate'
    group by seen.{{ position.partition }}

),

suspects as (

    select arrivals.*
    from arrivals
    inner join furthest
        on
            arrivals.id_{{ position.partition }} = furthest.id_{{ position.partition }}
            and arrivals.id_{{ position.offset }} <= furthest.furthest_offset

),

{% endif -%}
{%- set sought = 'suspects' if position else 'arrivals' -%}
known as (

    select distinct
        {%- for name in identity %}
        seen.{{ name }} as id_{{ name }}{{ ',' if not loop.last }}
        {%- endfor %}
    from {{ this }} as seen
    inner join {{ sought }}
        on {% for name in identity %}seen.{{ name }} = {{ sought }}.id_{{ name }}{{ ' and ' if not loop.last }}{% endfor %}
    where seen.outcome <> 'duplicate'

),
{%- endif -%}
{%- endmacro %}


{# Join of the CTE known to another one; nothing on a first load. #}
{% macro join_known_deliveries(identity, records) -%}
{%- if is_incremental() %}
    left join known
        on {% for name in identity %}{{ records }}.id_{{ name }} = known.id_{{ name }}{{ ' and ' if not loop.last }}{% endfor %}
{%- endif -%}
{%- endmacro %}


{# Whether a record was found in the CTE known. #}
{% macro is_known_delivery(identity) -%}
{{ 'known.id_' ~ identity.keys() | list | first ~ ' is not null' if is_incremental() else 'false' }}
{%- endmacro %}


{#
    Condition for the records that a delivered_ model has not looked at. Every record of a refresh becomes a row of the model,
    whatever its outcome, and all rows of a refresh come at once: the latest refresh_time among the model's own rows is
    how far it has read.
#}
{% macro is_new_delivery(alias) %}
    {%- if not is_incremental() -%}{{ return('true') }}{%- endif -%}
    {{ return(alias ~ '.refresh_time > (select coalesce(max(seen.refresh_time), ' ~ earliest_timestamp() ~ ') from '
        ~ this ~ ' as seen)') }}
{% endmacro %}
