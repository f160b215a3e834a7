-- Grain: one row per account, network interface and hour (UTC) in which windows of its flow log began. The key is made of day and hour:
-- a timestamp's text differs by engine.
{{ incremental_aggregate(
    key='vpc_interface_hour_hk',
    group_by={
        'account_id': 'account_id',
        'interface_id': 'interface_id',
        'started_on': 'cast(started_at as date)',
        'hour_of_day': 'cast(extract(hour from started_at) as integer)',
    },
    measures=dict({'started_hour': "date_trunc('hour', min(started_at))"}, **flow_measures()),
    columns=['started_at', 'log_status', 'traffic_action', 'packets', 'bytes_transferred'],
    source=ref('stg_vpc__flow_logs'),
) }}
