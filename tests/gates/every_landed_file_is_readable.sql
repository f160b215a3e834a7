{{ config(severity='warn') }}
-- A file that cannot be read (an upload cut short, say) is looked at again as soon as it changes. Until then it is named here.
select
    model_name,
    landing_file,
    problem
from (
    select
        model_name,
        landing_file,
        problem,
        outcome,
        row_number() over (partition by model_name, landing_file order by refresh_time desc) as look
    from {{ source('operations', 'landing_files') }}
) as looks
where look = 1 and problem is not null
