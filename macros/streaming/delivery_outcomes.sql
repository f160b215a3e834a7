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
        select {{ identity | join(', ') }}
        from {{ this }}
        where outcome <> 'duplicate'
    ) as known
        on {% for column in identity -%}
            numbered.{{ column }} = known.{{ column }}
            {{- '\n            and ' if not loop.last }}
        {%- endfor %}
    {%- endif %}
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
