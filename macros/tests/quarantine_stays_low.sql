{#
    Generic test, on an accounting_ model: fails with the latest load of a landing model where every record that was looked at went into
    quarantine, or a far greater share than in all loads before. Then it is not the records that are wrong: the source has changed, or the
    model has. Records that were delivered before do not count.
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
        quarantined_records,
        accepted_records + quarantined_records as judged_records,
        sum(quarantined_records) over (
            partition by landing order by refresh_time rows between unbounded preceding and 1 preceding
        ) as quarantined_before,
        sum(accepted_records + quarantined_records) over (
            partition by landing order by refresh_time rows between unbounded preceding and 1 preceding
        ) as judged_before,
        row_number() over (partition by landing order by refresh_time desc) as loads_back
    from {{ model }}

)

select *
from loads
where
    loads_back = 1
    and quarantined_records >= {{ minimum_records }}
    and (
        quarantined_records = judged_records
        or quarantined_records > judged_records * (
            {{ more_than_before }} + cast(quarantined_before as {{ float_type() }}) / nullif(judged_before, 0)
        )
    )
{% endtest %}
