{{ config(tags=['daily'], dist='even', sort='what_if_timestamp') }}
-- Grain: one row per query of the baseline and target configuration, beside what became of it there; and one per query that only the
-- target has.
{%- set same_within = var('replay_same_within', 0.05) %}
{%- set same_within_us = var('replay_same_within_ms', 10) * 1000 %}
{#- What makes two queries the same, the surest first; what one leaves over goes to the next. -#}
{%- set by_user = " || chr(31) || user_name || chr(31) || database_name" %}
{#- A tag is of a transaction's query, which may have been several statements. Redshift cuts texts at 4,000 characters, tag included. Users may have
    other names in the replay. #}
{%- set in_database = " || chr(31) || database_name" %}
{%- set methods = {
    'replay tag': 'replay_tag || chr(31) || statement_key',
    'replay tag and verb': "replay_tag || chr(31) || split_part(statement_text, ' ', 1)",
    'exact hash': 'exact_hash' ~ by_user,
    'query hash': 'query_hash' ~ by_user,
    'statement text': 'statement_key' ~ by_user,
    'beginning of the text': "case when length(query_text) >= 4000 then substring(statement_text, 1, 500) end" ~ by_user,
    'exact hash, other user': 'exact_hash' ~ in_database,
    'query hash, other user': 'query_hash' ~ in_database,
    'statement text, other user': 'statement_key' ~ in_database,
} %}
{%- set query_columns = [
    'what_if_timestamp', 'configuration_name', 'is_baseline', 'cluster_identifier', 'query_id', 'user_name', 'database_name', 'replay_tag',
    'exact_hash', 'query_hash', 'statement_key', 'statement_text', 'query_text', 'started_at',
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
    where
        (targets.configuration_name is not null or not configurations.is_baseline)
        and replayed_queries.user_name not in ({{ replay_excluded_users() }})

),

matched_0 as (

    select
        sides.*,
        cast(null as {{ text_type(64) }}) as pairing_method,
        cast(null as {{ text_type(1024) }}) as pairing_key,
        cast(null as bigint) as occurrence
    from sides

),

{%- for method, pairing_key in methods.items() %}

-- what is not paired yet has a key, the rest has itself; repeats meet in the order of their beginnings, one to one
keyed_{{ loop.index }} as (

    select
        matched_{{ loop.index0 }}.*,
        case when pairing_method is null then {{ pairing_key }} end as candidate_key,
        coalesce(case when pairing_method is null then {{ pairing_key }} end, chr(30) || {{ as_text('query_id') }}) as candidate
    from matched_{{ loop.index0 }}

),

numbered_{{ loop.index }} as (

    select
        keyed_{{ loop.index }}.*,
        row_number() over (
            partition by what_if_timestamp, configuration_name, is_baseline, candidate
            order by started_at, query_id, cluster_identifier
        ) as candidate_number
    from keyed_{{ loop.index }}

),

met_{{ loop.index }} as (

    select
        numbered_{{ loop.index }}.*,
        count(candidate_key) over (partition by what_if_timestamp, configuration_name, candidate, candidate_number) = 2 as is_met
    from numbered_{{ loop.index }}

),

matched_{{ loop.index }} as (

    select
        {{ query_columns | join(',\n        ') }},
        case when is_met then '{{ method }}' else pairing_method end as pairing_method,
        case when is_met then candidate_key else pairing_key end as pairing_key,
        case when is_met then candidate_number else occurrence end as occurrence
    from met_{{ loop.index }}

),

{%- endfor %}

placed as (

    select * from matched_{{ methods | length }}

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

-- whose queries the target has some of: what it was given to do
target_users as (

    select distinct
        what_if_timestamp,
        configuration_name,
        user_name
    from paired
    where target_query_id is not null

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
