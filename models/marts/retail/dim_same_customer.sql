-- Grain: one row per identifier that is stated to be a customer whom another identifier stands for.
with

identifiers as (

    select * from {{ ref('dim_customer') }}

),

pairs as (

    select * from {{ ref('link_same_customer') }}

),

statuses as (

    {{ satellite_versions(ref('sat_same_customer'), 'same_customer_hk', ['is_deleted'], ['statement_number']) }}

),

-- two masters of one identifier are an error of the statements, which a test reports; one of them stands here
masters as (

    select
        pairs.duplicate_customer_hk,
        min(pairs.master_customer_hk) as master_customer_hk
    from pairs
    inner join statuses
        on pairs.same_customer_hk = statuses.same_customer_hk and statuses.is_current
    -- a statement waits until its identifiers are known
    inner join identifiers
        on pairs.master_customer_hk = identifiers.customer_hk
    where not statuses.is_deleted
    group by pairs.duplicate_customer_hk

)

select
    identifiers.customer_hk,
    masters.master_customer_hk
from masters
inner join identifiers
    on masters.duplicate_customer_hk = identifiers.customer_hk
