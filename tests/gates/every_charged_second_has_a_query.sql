-- What a serverless cluster was charged for is split over its queries and the time without any: the parts are the whole.
with

charged as (

    select
        what_if_timestamp,
        cluster_identifier,
        sum(charged_rpu_seconds) * 1000000 as charged_us
    from {{ ref('stg_replay__serverless_usage') }}
    group by what_if_timestamp, cluster_identifier

),

parts as (

    select
        what_if_timestamp,
        cluster_identifier,
        sum(charged_rpu_us) as charged_us
    from {{ ref('fct_replay_query_costs') }}
    group by what_if_timestamp, cluster_identifier

)

select
    charged.what_if_timestamp,
    charged.cluster_identifier
from charged
left join parts
    on charged.what_if_timestamp = parts.what_if_timestamp and charged.cluster_identifier = parts.cluster_identifier
where parts.charged_us is null or parts.charged_us <> charged.charged_us
