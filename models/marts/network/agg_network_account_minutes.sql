{%- set all = packet_estimates() -%}
{%- set dropped = packet_estimates('dropped') -%}
-- Grain: one row per account and minute (UTC) with samples of packets to it; the account is null where the destination is nobody's known. The key is made
-- of day and number of the minute: a timestamp's text differs by engine.
{{ incremental_aggregate(
    key='network_account_minute_hk',
    group_by={
        'account_id': 'account_id',
        'sampled_on': 'sampled_on',
        'minute_of_day': 'cast(extract(hour from sampled_at) * 60 + extract(minute from sampled_at) as integer)',
    },
    measures=dict(all, **dict(dropped, **{
        'sampled_minute': "date_trunc('minute', min(sampled_at))",
        'packets_standard_error': sampling_error(all['packets_variance']),
        'packets_lower_bound': confidence_bound(all['estimated_packets'], all['packets_variance'], all['samples'], 'lower', at_least=all['samples']),
        'packets_upper_bound': confidence_bound(all['estimated_packets'], all['packets_variance'], all['samples'], 'upper'),
        'bytes_standard_error': sampling_error(all['bytes_variance']),
        'bytes_lower_bound': confidence_bound(all['estimated_bytes'], all['bytes_variance'], all['samples'], 'lower'),
        'bytes_upper_bound': confidence_bound(all['estimated_bytes'], all['bytes_variance'], all['samples'], 'upper'),
        'dropped_packets_standard_error': sampling_error(dropped['dropped_packets_variance']),
        'dropped_packet_share': share_of(dropped['estimated_dropped_packets'], all['estimated_packets']),
    })),
    columns=['mitigation_outcome', 'sample_interval', 'packet_bytes', 'sampled_at'],
    source=ref('stg_samplerd__packet_samples'),
) }}
