{#
    Which replays there are, and of what the pairs of each are made: the settings that pairs depend on, the text of the model, how many queries were
    staged, and the sums of their numbers and durations. Pairs that were made of the same are not made again.
    Grain: one row per replay, with paired_as.
#}
{% macro replays_as_they_are() %}
    {%- set settings = {} -%}
    {%- for name in [
        'replay_baseline', 'replay_configurations', 'replay_same_within', 'replay_same_within_ms', 'replay_leave_out_first_runs',
        'replay_excluded_users', 'replay_excluded_databases', 'replay_excluded_query_types'
    ] -%}
        {%- do settings.update({name: var(name, none)}) -%}
    {%- endfor -%}
    {%- set of_text = model.checksum.checksum if model.checksum is mapping else '' -%}
select
    what_if_timestamp,
    cast('{{ local_md5(tojson(settings, sort_keys=true) ~ of_text) }} ' || {{ as_text('count(*)') }} || ' ' || {{ as_text('coalesce(sum(query_id), 0)') }} || ' '
    || {{ as_text('coalesce(sum(elapsed_us), 0)') }} as {{ text_type(256) }}) as paired_as
from {{ ref('stg_replay__queries') }}
group by what_if_timestamp
{%- endmacro %}


{#
    Hook of fct_replayed_query_pairs: takes out the pairs of replays that are not what they were made of and have no pairs any more, because settings
    leave all their queries out or name no target in them. Where the mart is rebuilt at each load there are none; a
    command that reads less than there is (--empty, --sample) says nothing of replays, and takes out none.
#}
{% macro remove_replays_paired_before() %}
    {%- if many_stages_materialization() == 'incremental' and not reads_less_than_there_is() -%}
delete from {{ this }}
where what_if_timestamp || chr(31) || paired_as not in (
    select replays.what_if_timestamp || chr(31) || replays.paired_as
    from (
{{ replays_as_they_are() | indent(8, true) }}
    ) as replays
)
    {%- endif -%}
{% endmacro %}
