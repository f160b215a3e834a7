-- What the question of who saw which encounter costs through the vault and through the hybrid model, as it was timed last:
-- dbt run-operation time_analyses --args '{analyses: [encounters_through_the_vault, encounters_through_the_hybrid]}'
with

timings as (

    select
        timings.*,
        row_number() over (partition by analysis_name order by recorded_at desc) as timings_back
    from {{ source('operations', 'analysis_timings') }} as timings
    where analysis_name in ('encounters_through_the_vault', 'encounters_through_the_hybrid')

)

select
    analysis_name,
    relations,
    joins,
    answer_rows,
    median_seconds,
    median_seconds / min(median_seconds) over () as times_the_fastest,
    recorded_at
from timings
where timings_back = 1
order by median_seconds
