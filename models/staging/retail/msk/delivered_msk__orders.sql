{{ config(
    materialized='incremental',
    incremental_strategy='append',
    on_schema_change='append_new_columns',
    dist='even',
    sort='refresh_time',
    full_refresh=none if var('allow_full_refresh') else false,
    tags=['near_real_time'],
) }}
{%- set fields = [
    'EventType', 'OrderID', 'CustomerID', 'CustomerName', 'OrderDate', 'Store_Name', 'ProductID', 'ProductName', 'Quatity',
    'Price', 'OrderStatus',
] -%}
{%- set keys = {'order_id': 'orderid', 'customer_id': 'customerid'} -%}
-- Grain: one row per record that the orders topic delivered, with what became of it.
with

{{ new_deliveries(ref('mv_orders'), {
    'kafka_partition': 'coalesce(landed.kafka_partition, -1)',
    'kafka_offset': 'coalesce(landed.kafka_offset, -1)',
    'kafka_timestamp': 'coalesce(landed.kafka_timestamp, ' ~ earliest_timestamp() ~ ')',
    'unreadable_digest': 'case when landed.kafka_offset is null then ' ~ digest(raw_bytes_as_text('landed.invalid_payload')) ~ " else '' end",
}, position={'partition': 'kafka_partition', 'offset': 'kafka_offset'}) }}

documents as (

    select
        deliveries.*,
        {{ payload_document('payload', fields) }} as order_document
    from deliveries

),

texts as (

    select
        documents.*,
        {%- for field in fields %}
        {{ payload_field('order_document', field) }} as text_{{ field | lower }},
        {%- endfor %}
        {% for field in fields %}{{ payload_is_nested('order_document', field) }}{{ '\n        or ' if not loop.last }}{% endfor %} as has_nested_field
    from documents

),

shredded as (

    select
        id_kafka_partition as kafka_partition,
        id_kafka_offset as kafka_offset,
        id_kafka_timestamp as kafka_timestamp,
        -- a record whose position could not be read is told from others by its bytes
        id_unreadable_digest as unreadable_digest,
        delivery_number,
        is_known,
        refresh_time,
        kafka_timestamp as produced_at,
        payload is not null as is_json,
        coalesce({{ raw_bytes_as_text('invalid_payload') }}, {{ payload_as_text('payload') }}) as record_text,
        {%- for field in fields %}
        {{ clean_text('text_' ~ field | lower) }} as {{ field | lower }},
        {%- endfor %}
        has_nested_field
    from texts

),

typed as (

    select
        shredded.*,
        {{ is_erased(keys) | indent(8) }} as is_erased,
        {{ to_timestamp_utc('orderdate') }} as ordered_at,
        {{ to_integer('quatity') }} as quantity,
        {{ to_decimal('price', 18, 4) }} as unit_price
    from shredded
    {{- join_erased(keys) }}

),

judged as (

    select
        *,
        coalesce(produced_at, ordered_at) as event_at,
        case
            when is_erased then '{{ erased_reason() }}'
            when kafka_offset = -1 then 'the record has no position'
            when record_text is null then 'the payload is empty (tombstone)'
            when not is_json then 'the payload is no JSON'
            when has_nested_field then 'a field is an object or an array'
            when eventtype <> 'Orders' then 'EventType is not Orders'
            when orderid is null then 'OrderID is missing'
            when customerid is null then 'CustomerID is missing'
            when productid is null then 'ProductID is missing'
            when orderstatus is null then 'OrderStatus is missing'
            when orderdate is not null and ordered_at is null then 'OrderDate is no timestamp'
            when quatity is not null and quantity is null then 'Quatity is no whole number'
            when price is not null and unit_price is null then 'Price is no decimal number with four digits'
            when coalesce(produced_at, ordered_at) is null then 'the event has no time'
            when {{ is_implausible_time('coalesce(produced_at, ordered_at)', 'refresh_time') }} then 'the time stamp is implausible'
            when
                {% for field in ['orderid', 'customerid', 'customername', 'store_name', 'productid', 'productname', 'orderstatus'] -%}
                {{ byte_length(field) }} > 256
                {{- '\n                or ' if not loop.last }}
                {%- endfor %}
                then 'a text is longer than 256 bytes'
        end as quarantine_reason
    from typed

),

settled as (

    select
        *,
        case
            when is_known or delivery_number > 1 then 'duplicate'
            when quarantine_reason is not null then 'quarantined'
            else 'accepted'
        end as outcome,
        case when is_known or delivery_number > 1 then 'delivered before' else quarantine_reason end as outcome_reason
    from judged

),

{{ withheld_records('settled', keys) }}

select
    -- ids
    cast({{ unless_erased('orderid') }} as {{ text_type(256) }}) as order_id,
    cast({{ unless_erased('customerid') }} as {{ text_type(256) }}) as customer_id,
    cast({{ unless_erased('productid') }} as {{ text_type(256) }}) as product_id,
    cast({{ unless_erased('store_name') }} as {{ text_type(256) }}) as store_name,
    -- text
    cast({{ unless_erased('customername') }} as {{ text_type(256) }}) as customer_name,
    cast({{ unless_erased('productname') }} as {{ text_type(256) }}) as product_name,
    cast({{ unless_erased('orderstatus') }} as {{ text_type(256) }}) as order_status,
    -- numerics
    {{ unless_erased('quantity') }} as quantity,
    {{ unless_erased('unit_price') }} as unit_price,
    -- timestamps
    cast({{ unless_erased('ordered_at') }} as {{ timestamp_type() }}) as ordered_at,
    cast(event_at as {{ timestamp_type() }}) as event_at,
    -- position
    kafka_partition,
    kafka_offset,
    cast(kafka_timestamp as {{ timestamp_type() }}) as kafka_timestamp,
    cast(unreadable_digest as {{ text_type(64) }}) as unreadable_digest,
    -- outcome
    cast(outcome as {{ text_type(16) }}) as outcome,
    cast(outcome_reason as {{ text_type(256) }}) as outcome_reason,
    cast(case when outcome = 'quarantined' then {{ unless_erased('record_text') }} end as {{ text_type(65535) }}) as record_text,
    -- load
    cast(refresh_time as {{ timestamp_type() }}) as refresh_time,
    cast({{ load_time() | indent(4) }} as {{ timestamp_type() }}) as loaded_at,
    cast('{{ invocation_id }}' as {{ text_type(64) }}) as load_id
from withheld
