{%- set dropped = packet_estimates('dropped') -%}
{%- set passed = packet_estimates('passed') -%}
-- Grain: one row per mitigation system, rule and day (UTC); the rule is null for packets that no rule of the system matched.
{{ incremental_aggregate(
    key='network_rule_day_hk',
    group_by={'mitigation_system': 'mitigation_system', 'mitigation_rule': 'mitigation_rule', 'sampled_on': 'sampled_on'},
    measures=dict(dropped, **dict(passed, **{
        'dropped_packets_standard_error': sampling_error(dropped['dropped_packets_variance']),
        'passed_packets_standard_error': sampling_error(passed['passed_packets_variance']),
        'dropped_packet_share': share_of(dropped['estimated_dropped_packets'], packet_estimates()['estimated_packets']),
        'dropped_byte_share': share_of(dropped['estimated_dropped_bytes'], packet_estimates()['estimated_bytes']),
    })),
    columns=['mitigation_outcome', 'sample_interval', 'packet_bytes'],
    source=ref('stg_samplerd__packet_samples'),
) }}
