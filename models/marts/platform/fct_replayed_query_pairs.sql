{{ config(tags=['daily'], dist='even', sort='what_if_timestamp') }}
-- Grain: one row per query of the baseline and target configuration, beside what became of it there; and one per query that only the
-- target has.
{%- set same_within = var('replay_same_within', 0.05) %}
{%- set same_within_us = var('replay_same_within_ms', 10) * 1000 %}
{#- What makes two queries the same, the surest first; what one leaves over goes to the next. -#}
{%- set by_user = " || chr(31) || user_name || chr(31) || database_name" %}
{%- set methods = {
    'replay tag': 'replay_tag', 'query hash': 'query_hash' ~ by_user, 'statement text': 'statement_key' ~ by_user,
} %}
{%- set query_columns = [
    'what_if_timestamp', 'configuration_name', 'is_baseline', 'cluster_identifier', 'query_id', 'user_name', 'database_name', 'replay_tag',
    'query_hash', 'statement_key', 'started_at',
] %}
{%- set facts = [
    'query_outcome', 'is_from_cache', 'error_message', 'elapsed_us', 'queue_us', 'execution_us', 'compile_us', 'planning_us', 'lock_wait_us',
    'returned_rows', 'returned_bytes', 'started_at', 'ended_at',
] %}
with

configurations as (

    select * from {{ ref('dim_replay_configuration') }}

),

replayed_queries as (

    select * from {{ ref('stg_replay__queries') }}

),

targets as (

    select distinct
        what_if_timestamp,
        configuration_name
    from configurations
    where not is_baseline

),

-- every target has the queries of the baseline beside its own
sides as (

    select
        replayed_queries.what_if_timestamp,
        coalesce(targets.configuration_name, configurations.configuration_name) as configuration_name,
        configurations.is_baseline,
        {%- for column in query_columns[3:] %}
        replayed_queries.{{ column }}{{ ',' if not loop.last }}
        {%- endfor %}
    from replayed_queries
    inner join configurations
        on
            replayed_queries.what_if_timestamp = configurations.what_if_timestamp
            and replayed_queries.cluster_identifier = configurations.cluster_identifier
    left join targets
        on configurations.what_if_timestamp = targets.what_if_timestamp and configurations.is_baseline
    where targets.configuration_name is not null or not configurations.is_baseline

),

{%- set unpaired = namespace(name='sides') %}
{%- for method, pairing_key in methods.items() %}

-- repeats meet in the order of their beginnings, one to one
numbered_{{ loop.index }} as (

    select
        {{ query_columns | join(',\n        ') }},
        {{ pairing_key }} as pairing_key,
        row_number() over (
            partition by what_if_timestamp, configuration_name, is_baseline, {{ pairing_key }}
            order by started_at, query_id, cluster_identifier
        ) as occurrence
    from {{ unpaired.name }}

),

met_{{ loop.index }} as (

    select
        numbered_{{ loop.index }}.*,
        count(pairing_key) over (partition by what_if_timestamp, configuration_name, pairing_key, occurrence) as sides
    from numbered_{{ loop.index }}

),

unpaired_{{ loop.index }} as (

    select * from met_{{ loop.index }}
    where sides < 2

),

{%- set unpaired.name = 'unpaired_' ~ loop.index %}
{%- endfor %}

placed as (
    {% for method in methods %}
    select
        what_if_timestamp,
        configuration_name,
        is_baseline,
        cluster_identifier,
        query_id,
        '{{ method }}' as pairing_method,
        pairing_key,
        occurrence
    from met_{{ loop.index }}
    where sides = 2

    union all
    {% endfor %}
    select
        what_if_timestamp,
        configuration_name,
        is_baseline,
        cluster_identifier,
        query_id,
        null as pairing_method,
        null as pairing_key,
        null as occurrence
    from {{ unpaired.name }}

),

{%- for side in ('baseline', 'target') %}

{{ side }}_queries as (

    select
        placed.configuration_name,
        placed.pairing_method,
        placed.pairing_key,
        placed.occurrence,
        replayed_queries.*
    from placed
    inner join replayed_queries
        on
            placed.what_if_timestamp = replayed_queries.what_if_timestamp
            and placed.cluster_identifier = replayed_queries.cluster_identifier
            and placed.query_id = replayed_queries.query_id
    where {{ 'not ' if side == 'target' }}placed.is_baseline

),

{%- endfor %}

target_users as (

    select distinct
        what_if_timestamp,
        configuration_name,
        user_name
    from target_queries

),

paired as (

    select
        {%- for column in ('what_if_timestamp', 'configuration_name', 'pairing_method', 'user_name', 'database_name', 'query_type', 'statement_key', 'statement_text') %}
        coalesce(baseline_queries.{{ column }}, target_queries.{{ column }}) as {{ column }},
        {%- endfor %}
        {%- for column in ['cluster_identifier', 'query_id'] + facts %}
        baseline_queries.{{ column }} as baseline_{{ column }},
        target_queries.{{ column }} as target_{{ column }}{{ ',' if not loop.last }}
        {%- endfor %}
    from baseline_queries
    full outer join target_queries
        on
            {%- for column in ('what_if_timestamp', 'configuration_name', 'pairing_method', 'pairing_key', 'occurrence') %}
            {{ 'and ' if not loop.first }}baseline_queries.{{ column }} = target_queries.{{ column }}
            {%- endfor %}

),

classified as (

    select
        paired.*,
        target_elapsed_us - baseline_elapsed_us as change_us,
        case
            when baseline_query_id is null then 'only in the target'
            when target_query_id is null and target_users.user_name is null then 'not part of the target'
            when target_query_id is null then 'missing in the target'
            when baseline_query_outcome = 'succeeded' and target_query_outcome = 'timed out' then 'new timeout'
            when baseline_query_outcome = 'succeeded' and target_query_outcome <> 'succeeded' then 'new error'
            when baseline_query_outcome <> 'succeeded' and target_query_outcome = 'succeeded' then 'resolved error'
            when baseline_query_outcome <> 'succeeded' then 'failed in both'
            when baseline_is_from_cache or target_is_from_cache then 'from the cache'
            else 'compared'
        end as pair_class
    from paired
    left join target_users
        on
            paired.what_if_timestamp = target_users.what_if_timestamp
            and paired.configuration_name = target_users.configuration_name
            and paired.user_name = target_users.user_name

)

select
    classified.*,
    case
        when pair_class <> 'compared' then null
        when abs(change_us) <= {{ same_within_us }} or abs(change_us) <= {{ same_within }} * baseline_elapsed_us then 'same'
        when change_us < 0 then 'improved'
        else 'degraded'
    end as change_class
from classified
