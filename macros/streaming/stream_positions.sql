{#
    How far each load got in each partition: the whole body of a positions_ model. Grain: one row per load and partition (or shard).
    Columns: job, load_id, status, started_at, ended_at (of the load that staged the records, from the audit), refresh_time, partition_name, first_position, last_position (text), delivered_records, missing_positions (Kafka: offsets between
    the first and the last of this load that no load has delivered; null for shards, whose numbers have gaps by nature).
    landing: ref() of the mv_ model. delivered: ref() of the delivered_ model. partition, position: columns of the mv_ model. is_dense: whether
    positions have no gaps.
#}
{% macro stream_positions(landing, delivered, partition='kafka_partition', position='kafka_offset', is_dense=true) -%}
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
{%- endif %},

staged as (

    select
        refresh_time,
        max(load_id) as load_id
    from {{ delivered }}
    group by refresh_time

),

audit as (

    select
        load_id,
        max(job) as job,
        min(recorded_at) as started_at,
        max(case when state in ('Complete', 'Failed') then recorded_at end) as ended_at,
        max(case state when 'Failed' then 4 when 'Complete' then 3 when 'Running' then 2 else 1 end) as furthest
    from {{ source('operations', 'loads') }}
    where model_name = '{{ relation_name(delivered) }}'
    group by load_id

)

select
    audit.job,
    staged.load_id,
    cast(
        case audit.furthest when 4 then 'Failed' when 3 then 'Complete' when 2 then 'Running' when 1 then 'Ready' end as {{ text_type(16) }}
    ) as status,
    audit.started_at,
    audit.ended_at,
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
left join staged
    on loads.refresh_time = staged.refresh_time
left join audit
    on staged.load_id = audit.load_id
{%- endmacro %}
