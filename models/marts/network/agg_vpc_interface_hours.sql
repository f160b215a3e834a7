-- Grain: one row per account, network interface and hour (UTC) in which windows of its flow log began.
{{ incremental_aggregate(
    key='vpc_interface_hour_hk',
    group_by={'account_id': 'account_id', 'interface_id': 'interface_id', 'started_hour': "date_trunc('hour', started_at)"},
    measures=flow_measures(),
    columns=['log_status', 'traffic_action', 'packets', 'bytes_transferred'],
    source=ref('stg_vpc__flow_logs'),
) }}
