{#
    The accounts of one source, to be the whole body of an accounting_ model. Grain: one row per load (refresh).
    What was delivered is counted where it landed and, on the engines that read files, in the files themselves; what became of
    it is counted in staging. The generic test accounts_for_every_record holds them against each other.
    landing: ref() of the mv_ or copy_ model. delivered: ref() of the delivered_ model.
#}
{% macro load_accounting(landing, delivered) -%}
with

landed as (

    select
        refresh_time,
        count(*) as delivered_records
    from {{ landing }}
    group by refresh_time

),

files as (

    select
        refresh_time,
        sum(records) as records_in_files,
        count(*) as taken_files
    from {{ source('operations', 'landing_files') }}
    where model_name = '{{ relation_name(landing) }}' and outcome = 'taken'
    group by refresh_time

),

settled as (

    select
        refresh_time,
        sum(case when outcome = 'accepted' then 1 else 0 end) as accepted_records,
        sum(case when outcome = 'duplicate' then 1 else 0 end) as duplicate_records,
        sum(case when outcome = 'quarantined' then 1 else 0 end) as quarantined_records
    from {{ delivered }}
    group by refresh_time

)

select
    landed.refresh_time,
    cast(files.taken_files as bigint) as taken_files,
    cast(files.records_in_files as bigint) as records_in_files,
    cast(landed.delivered_records as bigint) as delivered_records,
    cast(coalesce(settled.accepted_records, 0) as bigint) as accepted_records,
    cast(coalesce(settled.duplicate_records, 0) as bigint) as duplicate_records,
    cast(coalesce(settled.quarantined_records, 0) as bigint) as quarantined_records
from landed
left join settled
    on landed.refresh_time = settled.refresh_time
left join files
    on landed.refresh_time = files.refresh_time
{%- endmacro %}
