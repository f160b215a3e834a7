{#
    What samples of packets say of the packets that they were taken from: aggregates by name, as incremental_aggregate() takes its measures. Each is a
    sum over samples, so that sums of parts are the sum of the whole, whatever the parts are.
    A sample with the interval n was taken of n packets: it counts n. Sums: samples, estimated_packets (of n), estimated_bytes (of n times the bytes of
    the packet), and the variances of both estimates, n (n - 1) y^2 with y = 1 and y = bytes (docs/network.md). With a kind the names are
    dropped_samples, estimated_dropped_packets, dropped_packets_variance and so on.
    kind: dropped, passed, or none for all samples. columns of the source: sample_interval, packet_bytes and, for a kind, mitigation_outcome.
#}
{% macro packet_estimates(kind=none) %}
    {%- set outcome = {'dropped': 'DROP', 'passed': 'PASS'} -%}
    {%- if kind is not none and kind not in outcome -%}
        {{ exceptions.raise_compiler_error(
            "millrace: " ~ model.name ~ ": packet_estimates(): 'kind' is '" ~ kind ~ "'. Use dropped, passed, or none for all samples."
        ) }}
    {%- endif -%}
    {%- set prefix = kind ~ '_' if kind else '' -%}
    {%- set sums = {
        prefix ~ 'samples': ['1', 'bigint'],
        'estimated_' ~ prefix ~ 'packets': ['cast(sample_interval as decimal(19, 0))', 'decimal(38, 0)'],
        'estimated_' ~ prefix ~ 'bytes': ['cast(sample_interval * packet_bytes as decimal(19, 0))', 'decimal(38, 0)'],
        prefix ~ 'packets_variance': ['cast(sample_interval * (sample_interval - 1) as decimal(19, 0))', 'decimal(38, 0)'],
        prefix ~ 'bytes_variance': [
            'cast(sample_interval * (sample_interval - 1) as decimal(19, 0)) * cast(packet_bytes * packet_bytes as decimal(10, 0))', 'decimal(38, 0)'
        ],
    } -%}
    {%- set measures = {} -%}
    {%- for name, parts in sums.items() -%}
        {%- set value = "case when mitigation_outcome = '" ~ outcome[kind] ~ "' then " ~ parts[0] ~ ' else 0 end' if kind else parts[0] -%}
        {%- do measures.update({name: 'cast(sum(' ~ value ~ ') as ' ~ parts[1] ~ ')'}) -%}
    {%- endfor -%}
    {{ return(measures) }}
{% endmacro %}


{# Standard error of an estimate from its variance. #}
{% macro sampling_error(variance) -%}
sqrt(cast({{ variance }} as {{ float_type() }}))
{%- endmacro %}


{#
    Lower or upper end of the range in which the true number lies in 95 of 100 cases: 1.96 standard errors around the estimate. Null below 30 samples, of
    which the normal distribution says too little.
    estimate, variance, samples: SQL expressions. side: lower or upper. at_least: SQL expression that no lower end goes below, such as the packets seen.
#}
{% macro confidence_bound(estimate, variance, samples, side, at_least='0') -%}
{%- if side not in ('lower', 'upper') -%}
    {{ exceptions.raise_compiler_error("millrace: " ~ model.name ~ ": confidence_bound(): 'side' is '" ~ side ~ "'. Use lower or upper.") }}
{%- endif -%}
case
    when {{ samples }} < 30 then null
    {%- if side == 'upper' %}
    else cast({{ estimate }} as {{ float_type() }}) + 1.96 * {{ sampling_error(variance) }}
    {%- else %}
    else greatest(cast({{ at_least }} as {{ float_type() }}), cast({{ estimate }} as {{ float_type() }}) - 1.96 * {{ sampling_error(variance) }})
    {%- endif %}
end
{%- endmacro %}


{# Share of a part in a whole, 0 to 1; null where there is no whole. #}
{% macro share_of(part, whole) -%}
cast({{ part }} as {{ float_type() }}) / nullif(cast({{ whole }} as {{ float_type() }}), 0)
{%- endmacro %}


{# What the packets of an attack are described by: columns of the samples whose value an attack has where all its samples have it. #}
{% macro attack_descriptors() %}
    {{ return([
        'account_id', 'mitigation_system', 'mitigation_rule', 'source_ip', 'source_port', 'destination_ip', 'destination_port', 'ip_protocol',
    ]) }}
{% endmacro %}


{# What an IP address looks like: version 4 in four numbers, version 6 in digits with colons. #}
{% macro ip_address_pattern() -%}
    {%- set number = '(25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9]?[0-9])' -%}
    {{ return('^(' ~ number ~ '([.]' ~ number ~ '){3}|[0-9A-Fa-f:.]{0,40}:[0-9A-Fa-f:.]{1,40})$') }}
{%- endmacro %}
