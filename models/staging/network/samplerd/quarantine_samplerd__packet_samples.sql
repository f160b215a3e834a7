{{ config(tags=['near_real_time']) }}
-- Grain: one row per record of the topic of packet samples that staging could not accept.
{{ quarantined_records(ref('delivered_samplerd__packet_samples'), identity=['kafka_partition', 'kafka_offset']) }}
