{{ config(severity='warn') }}
-- Queries that began before their replay: the clock of the cluster is behind that of the replay, and the unload, which asks for what began since, has
-- left some out. Nothing is compared across clocks, so it is a warning; what is left out counts as missing.
select
    what_if_timestamp,
    cluster_identifier,
    count(*) as queries
from {{ ref('stg_replay__queries') }}
where
    started_at < cast(
        substring(what_if_timestamp, 1, 10) || ' ' || replace(substring(what_if_timestamp, 12, 8), '-', ':') as {{ timestamp_type() }}
    )
group by what_if_timestamp, cluster_identifier
