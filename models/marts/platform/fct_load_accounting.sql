{{ config(materialized='view') }}
{%- set sources = [
    ('kafka/orders', ref('mv_orders'), ref('delivered_msk__orders')),
    ('copy/yellow_taxi_trip', ref('copy_yellow_taxi_trip'), ref('delivered_taxi__yellow_trips')),
    ('copy/taxi_zone_lookup', ref('copy_taxi_zone_lookup'), ref('delivered_taxi__zones')),
] -%}
-- Grain: one row per source and load. What was delivered is counted where it landed and in the files themselves; what became of it
-- is counted in staging.
with

landed as (

    {%- for name, landing, delivered in sources %}
    select
        '{{ name }}' as source_name,
        '{{ landing.identifier }}' as landing_model,
        refresh_time,
        count(*) as delivered_records
    from {{ landing }}
    group by refresh_time
    {{ 'union all' if not loop.last }}
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

    {%- for name, landing, delivered in sources %}
    select
        '{{ name }}' as source_name,
        refresh_time,
        sum(case when outcome = 'accepted' then 1 else 0 end) as accepted_records,
        sum(case when outcome = 'duplicate' then 1 else 0 end) as duplicate_records,
        sum(case when outcome = 'quarantined' then 1 else 0 end) as quarantined_records
    from {{ delivered }}
    group by refresh_time
    {{ 'union all' if not loop.last }}
    {%- endfor %}

),

accounted as (

    select
        cast(landed.source_name as {{ text_type(256) }}) as source_name,
        landed.refresh_time,
        cast(files.taken_files as bigint) as taken_files,
        cast(files.records_in_files as bigint) as records_in_files,
        cast(landed.delivered_records as bigint) as delivered_records,
        cast(coalesce(settled.accepted_records, 0) as bigint) as accepted_records,
        cast(coalesce(settled.duplicate_records, 0) as bigint) as duplicate_records,
        cast(coalesce(settled.quarantined_records, 0) as bigint) as quarantined_records
    from landed
    left join settled
        on landed.source_name = settled.source_name and landed.refresh_time = settled.refresh_time
    left join files
        on landed.landing_model = files.model_name and landed.refresh_time = files.refresh_time

)

select * from accounted
