{{ config(materialized=staging_materialization(), tags=['hourly']) }}
-- Grain: one row per dependent that a transaction counts for, as it is now.
with

transactions as (

    select
        customer_key,
        transaction_key,
        changed_at,
        loaded_at,
        load_id,
        {{ text_document('dependents') }} as dependent_list
    from {{ ref('current_kinesis__customer_transactions') }}
    where dependents is not null

),

dependents as (

    select
        transactions.customer_key,
        transactions.transaction_key,
        {{ payload_at(payload_element('dependent'), ['M', 'sk', 'S']) }} as dependent_key,
        transactions.changed_at,
        transactions.loaded_at,
        transactions.load_id
    from transactions
    {{ payload_unnest('transactions', 'dependent_list', [], 'dependent') }}

)

select
    cast(customer_key as {{ text_type(256) }}) as customer_key,
    cast(transaction_key as {{ text_type(256) }}) as transaction_key,
    cast(dependent_key as {{ text_type(256) }}) as dependent_key,
    changed_at,
    loaded_at,
    load_id
from dependents
where dependent_key is not null
