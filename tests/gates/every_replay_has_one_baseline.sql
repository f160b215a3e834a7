-- Without a baseline nothing is compared; with two, nobody knows with which. The variable replay_baseline says how its name begins.
select
    what_if_timestamp,
    sum(case when is_baseline then 1 else 0 end) as baselines
from {{ ref('dim_replay_configuration') }}
group by what_if_timestamp
having sum(case when is_baseline then 1 else 0 end) <> 1
