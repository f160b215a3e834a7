{{ config(
    materialized='incremental',
    incremental_strategy='merge',
    unique_key='network_attack_day_hk',
    dist='network_attack_day_hk',
    sort='sampled_on',
) }}
{%- set samples = ref('stg_samplerd__packet_samples') -%}
{%- set estimates = dict(packet_estimates(), **packet_estimates('dropped')) -%}
-- Grain: one row per attack and day (UTC) with samples of it. Only what adds up or has a minimum and a maximum, so that days of an attack can be put
-- together. A load counts the days again of which it has a sample, each from all its samples, and leaves the others alone.
with

{% if is_incremental() -%}
changed as (

    select distinct
        attack_id,
        sampled_on
    from {{ samples }} as samples
    where
        attack_id is not null
        and {{ is_new_record(samples, 'samples') }}

),

{% endif -%}
samples as (

    select samples.*
    from {{ samples }} as samples
    {%- if is_incremental() %}
    inner join changed
        on samples.attack_id = changed.attack_id and samples.sampled_on = changed.sampled_on
    {%- endif %}
    where samples.attack_id is not null

),

days as (

    select
        attack_id,
        sampled_on,
        -- numerics
        {%- for name, measure in estimates.items() %}
        {{ measure }} as {{ name }},
        {%- endfor %}
        -- descriptors
        {%- for column in attack_descriptors() %}
        min({{ column }}) as min_{{ column }},
        max({{ column }}) as max_{{ column }},
        cast(count(*) - count({{ column }}) as bigint) as without_{{ column }},
        {%- endfor %}
        -- timestamps
        min(sampled_at) as first_sampled_at,
        max(sampled_at) as last_sampled_at
    from samples
    group by attack_id, sampled_on

)

select
    cast({{ hash_key(['attack_id', 'sampled_on']) | indent(4) }} as {{ text_type(64) }}) as network_attack_day_hk,
    days.*
from days
