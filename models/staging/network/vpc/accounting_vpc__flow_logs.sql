{{ config(tags=['near_real_time']) }}
-- Grain: one row per load of flow logs.
{{ load_accounting(
    landing=ref('copy_vpc_flow_logs'),
    delivered=ref('delivered_vpc__flow_logs'),
) }}
