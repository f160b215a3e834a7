{#
    What flow logs say of traffic: aggregates by name, as incremental_aggregate() takes its measures. Flows, packets and bytes are those of records with data
    alone; records without traffic (NODATA) and records that were not taken (SKIPDATA) are counted beside them and are in no share.
    columns of the source: log_status, traffic_action, packets, bytes_transferred.
#}
{% macro flow_measures() %}
    {%- set flow = "log_status = 'OK'" -%}
    {%- set rejected = flow ~ " and traffic_action = 'REJECT'" -%}
    {%- set measures = {} -%}
    {%- for prefix, condition in {'': flow, 'rejected_': rejected}.items() -%}
        {%- do measures.update({
            prefix ~ 'flows': 'cast(sum(case when ' ~ condition ~ ' then 1 else 0 end) as bigint)',
            prefix ~ 'packets': 'cast(sum(case when ' ~ condition ~ ' then cast(packets as decimal(19, 0)) else 0 end) as decimal(38, 0))',
            prefix ~ 'bytes': 'cast(sum(case when ' ~ condition ~ ' then cast(bytes_transferred as decimal(19, 0)) else 0 end) as decimal(38, 0))',
        }) -%}
    {%- endfor -%}
    {%- do measures.update({
        'rejected_flow_share': share_of(measures['rejected_flows'], measures['flows']),
        'rejected_byte_share': share_of(measures['rejected_bytes'], measures['bytes']),
        'no_data_records': "cast(sum(case when log_status = 'NODATA' then 1 else 0 end) as bigint)",
        'skipped_records': "cast(sum(case when log_status = 'SKIPDATA' then 1 else 0 end) as bigint)",
    }) -%}
    {{ return(measures) }}
{% endmacro %}
