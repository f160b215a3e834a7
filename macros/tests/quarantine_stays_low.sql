{#
    Generic test, on an accounting_ model: fails with the latest load of a landing model where every record that was looked at went into
    quarantine, or a far greater share than in all loads before. Then it is not the records that are wrong: the source has changed, or the
    model has. Records that were delivered before do not count, nor do those of persons whose data were erased.
    more_than_before: by how much the share may exceed that of the loads before, 0 to 1. minimum_records: fewer records in quarantine are
    no sign of anything.
#}
{% test quarantine_stays_low(model, more_than_before=0.2, minimum_records=3) %}
    {%- if more_than_before is not number or not 0 <= more_than_before <= 1 -%}
        {{ exceptions.raise_compiler_error(
            "millrace: quarantine_stays_low on " ~ model ~ ": 'more_than_before' is " ~ more_than_before ~ ". It should be a share, 0 to 1."
        ) }}
    {%- endif -%}
with

loads as (

    select
        landing,
        refresh_time,
        refused_records,
        accepted_records + refused_records as judged_records,
        sum(refused_records) over (
            partition by landing order by refresh_time rows between unbounded preceding and 1 preceding
        ) as refused_before,
        sum(accepted_records + refused_records) over (
            partition by landing order by refresh_time rows between unbounded preceding and 1 preceding
        ) as judged_before,
        row_number() over (partition by landing order by refresh_time desc) as loads_back
    from (
        select
            landing,
            refresh_time,
            accepted_records,
            quarantined_records - erased_records as refused_records
        from {{ model }}
    ) as accounts

)

select *
from loads
where
    loads_back = 1
    and refused_records >= {{ minimum_records }}
    and (
        refused_records = judged_records
        or refused_records > judged_records * (
            {{ more_than_before }} + cast(refused_before as {{ float_type() }}) / nullif(judged_before, 0)
        )
    )
{% endtest %}
