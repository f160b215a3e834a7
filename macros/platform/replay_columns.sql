{# The phases of a query that the history names, the whole first. #}
{% macro replay_phases() %}{{ return(['elapsed', 'queue', 'planning', 'compile', 'lock_wait', 'execution']) }}{% endmacro %}


{# What agg_replay_workload counts: name without the ending _queries, and the condition of a pair. #}
{% macro replay_counts() %}
    {{ return({
        'paired_by_tag': "pairing_method = 'replay tag'",
        'paired_by_hash': "pairing_method = 'query hash'",
        'paired_by_text': "pairing_method = 'statement text'",
        'compared': "pair_class = 'compared'",
        'from_cache': "pair_class = 'from the cache'",
        'new_error': "pair_class = 'new error'",
        'new_timeout': "pair_class = 'new timeout'",
        'resolved_error': "pair_class = 'resolved error'",
        'failed_in_both': "pair_class = 'failed in both'",
        'missing': "pair_class = 'missing in the target'",
        'not_replayed': "pair_class = 'not part of the target'",
        'only_in_target': "pair_class = 'only in the target'",
        'improved': "change_class = 'improved'",
        'same': "change_class = 'same'",
        'degraded': "change_class = 'degraded'",
        'other_result': "pair_class = 'compared' and baseline_returned_rows <> target_returned_rows",
    }) }}
{% endmacro %}


{#
    Percentile of a group with linear interpolation between neighbours, as percentile_cont has it, written as an aggregate: Athena has no exact
    percentile, Redshift allows one sort order per query.
    value: expression, double precision. fraction: 0 to 1. place: row_number of the row in its group by value. number: rows of the group.
#}
{% macro interpolated_percentile(value, fraction, place='place', number='number') -%}
    sum({{ value }} * greatest(cast(0 as {{ float_type() }}), 1 - abs({{ place }} - 1 - cast({{ fraction }} as {{ float_type() }}) * ({{ number }} - 1))))
{%- endmacro %}
