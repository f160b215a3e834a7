{{ config(dist='transaction_id', sort='completed_at', tags=['hourly']) }}
-- Grain: one row per transaction that is there, each column with its latest value.
with

transactions as (

    select * from {{ ref('current_kinesis__customer_transactions') }}

),

dependents as (

    select
        customer_key,
        transaction_key,
        count(distinct dependent_key) as dependents
    from {{ ref('stg_kinesis__transaction_dependents') }}
    group by customer_key, transaction_key

)

select
    -- ids
    cast(substring(transactions.transaction_key, 13) as {{ text_type(256) }}) as transaction_id,
    cast(substring(transactions.customer_key, 10) as {{ text_type(256) }}) as customer_id,
    cast(transactions.provider as {{ text_type(256) }}) as provider_id,
    -- numerics
    transactions.out_of_pocket_percent,
    transactions.out_of_pocket_amount as out_of_pocket_amount_usd,
    transactions.out_of_pocket_max as out_of_pocket_max_usd,
    cast(coalesce(dependents.dependents, 0) as bigint) as dependents,
    -- timestamps
    transactions.completed_at,
    transactions.changed_at,
    -- load
    transactions.loaded_at
from transactions
left join dependents
    on transactions.customer_key = dependents.customer_key and transactions.transaction_key = dependents.transaction_key
