-- What data stewards state has to fit together: an identifier has one master, which is its own, and pairs are of two identifiers.
with

pairs as (

    select * from {{ ref('link_same_customer') }}

),

statuses as (

    {{ satellite_versions(ref('sat_same_customer'), 'same_customer_hk', ['is_deleted'], ['statement_number']) }}

),

holding as (

    select
        pairs.master_customer_hk,
        pairs.duplicate_customer_hk
    from pairs
    inner join statuses
        on pairs.same_customer_hk = statuses.same_customer_hk and statuses.is_current
    where not statuses.is_deleted

)

select
    duplicate_customer_hk as customer_hk,
    'has several masters' as problem
from holding
group by duplicate_customer_hk
having count(*) > 1

union all

select
    chained.duplicate_customer_hk as customer_hk,
    'its master has a master' as problem
from holding as chained
inner join holding as further
    on chained.master_customer_hk = further.duplicate_customer_hk

union all

select
    {{ hash_key(['master_customer_id']) | indent(4) }} as customer_hk,
    'is stated to be the same as itself' as problem
from {{ ref('stg_stewards__customer_matches') }}
where master_customer_id = duplicate_customer_id
