{#
    The accounts of one source, to be the whole body of an accounting_ model. Grain: one row per landing model and load (refresh).
    What was delivered is counted where it landed and, on the engines that read files, in the files themselves; what became of
    it is counted in staging. The generic test accounts_for_every_record holds them against each other.
    landing: ref() of the mv_ or copy_ model, or a list of them. delivered: ref() of the delivered_ model; where there are several landing
    models it names them in its column landing.
    counted_by: column with the number of records that a row stands for, where rows were counted while they landed.
    is_replica: whether the delivered_ model holds the latest copy of a table alone (replicated_rows()); the accounts are that copy's.
#}
{% macro load_accounting(landing, delivered, is_replica=false, counted_by=none) -%}
{%- set landings = [landing] if landing.identifier is defined else landing -%}
with

landed as (

    {%- for relation in landings %}

    select
        '{{ relation_name(relation) }}' as landing,
        refresh_time,
        {{ 'sum(' ~ counted_by ~ ')' if counted_by else 'count(*)' }} as delivered_records
    {%- if is_replica %}
    from (
        select
            landed.refresh_time,
            dense_rank() over (order by landed.refresh_time desc, landed.landing_file desc) as copies_back
        from {{ relation }} as landed
    ) as copies
    where copies_back = 1
    {%- else %}
    from {{ relation }}
    {%- endif %}
    group by refresh_time
    {{- '\n\n    union all' if not loop.last }}
    {%- endfor %}

),

files as (

    select
        model_name,
        refresh_time,
        sum(records) as records_in_files,
        count(*) as taken_files
    from {{ source('operations', 'landing_files') }}
    where outcome = 'taken'
    group by model_name, refresh_time

),

settled as (

    select
        {{ 'landing' if landings | length > 1 else "'" ~ relation_name(landings[0]) ~ "'" }} as landing,
        refresh_time,
        sum(case when outcome = 'accepted' then {{ counted_by or 1 }} else 0 end) as accepted_records,
        sum(case when outcome = 'duplicate' then {{ counted_by or 1 }} else 0 end) as duplicate_records,
        sum(case when outcome = 'quarantined' then {{ counted_by or 1 }} else 0 end) as quarantined_records,
        sum(
            case when outcome = 'quarantined' and outcome_reason = '{{ erased_reason() }}' then {{ counted_by or 1 }} else 0 end
        ) as erased_records
    from {{ delivered }}
    group by {{ 'landing, ' if landings | length > 1 }}refresh_time

)

select
    cast(landed.landing as {{ text_type(256) }}) as landing,
    landed.refresh_time,
    cast(files.taken_files as bigint) as taken_files,
    cast(files.records_in_files as bigint) as records_in_files,
    cast(landed.delivered_records as bigint) as delivered_records,
    cast(coalesce(settled.accepted_records, 0) as bigint) as accepted_records,
    cast(coalesce(settled.duplicate_records, 0) as bigint) as duplicate_records,
    cast(coalesce(settled.quarantined_records, 0) as bigint) as quarantined_records,
    cast(coalesce(settled.erased_records, 0) as bigint) as erased_records
from landed
left join settled
    on landed.landing = settled.landing and landed.refresh_time = settled.refresh_time
left join files
    on landed.landing = files.model_name and landed.refresh_time = files.refresh_time{{ ' and files.taken_files = 1' if is_replica }}
{%- endmacro %}
