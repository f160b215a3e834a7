{{ config(tags=['near_real_time']) }}
-- Grain: one row per record of a flow log that staging could not accept.
{{ quarantined_records(ref('delivered_vpc__flow_logs'), identity=['record_digest', 'landing_file']) }}
