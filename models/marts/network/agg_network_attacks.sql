{{ config(materialized='table', dist='attack_id', sort='attack_id') }}
{%- set sums = (packet_estimates().keys() | list) + (packet_estimates('dropped').keys() | list) -%}
-- Grain: one row per attack, put together from its days. A descriptor has a value where it is the same in all samples of the attack: a missing one beside
-- a value is not the same.
with

days as (

    select * from {{ ref('agg_network_attack_days') }}

),

attacks as (

    select
        attack_id,
        -- numerics
        {%- for name in sums %}
        cast(sum({{ name }}) as {{ 'bigint' if name.endswith('samples') else 'decimal(38, 0)' }}) as {{ name }},
        {%- endfor %}
        cast(count(*) as bigint) as days_with_samples,
        -- descriptors
        {%- for column in attack_descriptors() %}
        case
            when sum(without_{{ column }}) = 0 and min(min_{{ column }}) = max(max_{{ column }}) then min(min_{{ column }})
        end as {{ column }},
        {%- endfor %}
        -- timestamps
        min(first_sampled_at) as first_sampled_at,
        max(last_sampled_at) as last_sampled_at
    from days
    group by attack_id

)

select
    -- ids
    attack_id,
    -- descriptors
    {%- for column in attack_descriptors() %}
    {{ column }},
    {%- endfor %}
    -- numerics
    samples,
    estimated_packets,
    {{ sampling_error('packets_variance') }} as packets_standard_error,
    {{ confidence_bound('estimated_packets', 'packets_variance', 'samples', 'lower', at_least='samples') | indent(4) }} as packets_lower_bound,
    {{ confidence_bound('estimated_packets', 'packets_variance', 'samples', 'upper') | indent(4) }} as packets_upper_bound,
    estimated_bytes,
    {{ sampling_error('bytes_variance') }} as bytes_standard_error,
    {{ confidence_bound('estimated_bytes', 'bytes_variance', 'samples', 'lower') | indent(4) }} as bytes_lower_bound,
    {{ confidence_bound('estimated_bytes', 'bytes_variance', 'samples', 'upper') | indent(4) }} as bytes_upper_bound,
    dropped_samples,
    estimated_dropped_packets,
    {{ sampling_error('dropped_packets_variance') }} as dropped_packets_standard_error,
    estimated_dropped_bytes,
    {{ sampling_error('dropped_bytes_variance') }} as dropped_bytes_standard_error,
    {{ share_of('estimated_dropped_packets', 'estimated_packets') }} as dropped_packet_share,
    days_with_samples,
    -- timestamps
    first_sampled_at,
    last_sampled_at
from attacks
