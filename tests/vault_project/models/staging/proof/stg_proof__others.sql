{{ config(materialized='incremental', incremental_strategy='append') }}
-- Grain: one row per record that batch delivered; the seed holds the batches.
select
    client, nation, product_id, line_number, event_at, log_partition, log_offset,
    {{ add_microseconds("cast('2024-01-01 00:00:00' as timestamp)", var("batch", 1)) }} as loaded_at
from {{ ref('proof_others') }}
where batch_number = {{ var('batch', 1) }}
