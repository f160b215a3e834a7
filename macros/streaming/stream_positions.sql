{#
    How far each load got in each partition: the whole body of a positions_ model. Grain: one row per load and partition (or shard).
    Columns: refresh_time, partition_name, first_position, last_position (text), delivered_records, missing_positions (Kafka: offsets between
    the first and the last of this load that no load has delivered; null for shards, whose numbers have gaps by nature).
    landing: ref() of the mv_ model. partition, position: its columns. is_dense: whether positions have no gaps.
#}
{% macro stream_positions(landing, partition='kafka_partition', position='kafka_offset', is_dense=true) -%}
with

landed as (

    select * from {{ landing }}
    where {{ position }} is not null

),

{% if is_dense -%}
known as (

    select distinct
        {{ partition }},
        {{ position }}
    from landed

),

{% endif -%}
loads as (

    select
        refresh_time,
        {{ partition }},
        {%- if is_dense %}
        min({{ position }}) as first_position,
        max({{ position }}) as last_position,
        {%- else %}
        -- as text a longer number is a larger one
        min(lpad({{ position }}, 128, '0')) as first_position,
        max(lpad({{ position }}, 128, '0')) as last_position,
        {%- endif %}
        count(*) as delivered_records
    from landed
    group by refresh_time, {{ partition }}

)
{%- if is_dense %},

covered as (

    select
        loads.refresh_time,
        loads.{{ partition }},
        count(*) as known_positions
    from loads
    inner join known
        on loads.{{ partition }} = known.{{ partition }} and known.{{ position }} between loads.first_position and loads.last_position
    group by loads.refresh_time, loads.{{ partition }}

)
{%- endif %}

select
    loads.refresh_time,
    {{ as_text('loads.' ~ partition) }} as partition_name,
    {%- if is_dense %}
    {{ as_text('loads.first_position') }} as first_position,
    {{ as_text('loads.last_position') }} as last_position,
    cast(loads.delivered_records as bigint) as delivered_records,
    cast(loads.last_position - loads.first_position + 1 - covered.known_positions as bigint) as missing_positions
    {%- else %}
    ltrim(loads.first_position, '0') as first_position,
    ltrim(loads.last_position, '0') as last_position,
    cast(loads.delivered_records as bigint) as delivered_records,
    cast(null as bigint) as missing_positions
    {%- endif %}
from loads
{%- if is_dense %}
inner join covered
    on loads.refresh_time = covered.refresh_time and loads.{{ partition }} = covered.{{ partition }}
{%- endif %}
{%- endmacro %}
