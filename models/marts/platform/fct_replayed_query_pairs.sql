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
{#- Each with the SQL of its name. `once` are statements that either side has once: they say where the others stand, and of repeats those meet
    that stand behind the same query that has met (last_met), so that one that was lost shifts none behind it. #}
{%- set behind = " || chr(31) || last_met" %}
{%- set exact = "coalesce(exact_hash, exact_statement_key)" ~ by_user %}
{%- set exact_name = "case when exact_hash is not null then 'exact hash' else 'exact text' end" %}
{%- set methods = {
    'replay tag': {'key': 'replay_tag || chr(31) || statement_key'},
    'replay tag and verb': {'key': "replay_tag || chr(31) || split_part(statement_text, ' ', 1)"},
    'once': {
        'key': "case when count(*) over (partition by what_if_timestamp, configuration_name, is_baseline, " ~ exact ~ ") = 1 then " ~ exact ~ " end",
        'name': exact_name,
    },
    'exact in order': {'key': exact ~ behind, 'name': exact_name},
    'exact hash': {'key': 'exact_hash' ~ by_user},
    'exact text': {'key': 'exact_statement_key' ~ by_user},
    'in order': {
        'key': 'coalesce(query_hash, statement_key)' ~ by_user ~ behind,
        'name': "case when query_hash is not null then 'query hash' else 'statement text' end",
    },
    'query hash': {'key': 'query_hash' ~ by_user},
    'statement text': {'key': 'statement_key' ~ by_user},
    'beginning of the text': {'key': "case when length(query_text) >= 4000 then substring(statement_text, 1, 500) end" ~ by_user},
    'exact hash, other user': {'key': 'exact_hash' ~ in_database},
    'exact text, other user': {'key': 'exact_statement_key' ~ in_database},
    'query hash, other user': {'key': 'query_hash' ~ in_database},
    'statement text, other user': {'key': 'statement_key' ~ in_database},
} %}
{%- set query_columns = [
    'what_if_timestamp', 'configuration_name', 'is_baseline', 'cluster_identifier', 'query_id', 'user_name', 'database_name', 'replay_tag',
    'exact_hash', 'exact_statement_key', 'query_hash', 'statement_key', 'statement_text', 'query_text', 'started_at',
] %}
{%- set facts = [
    'query_outcome', 'is_from_cache', 'error_message', 'elapsed_us', 'queue_us', 'execution_us', 'compile_us', 'planning_us', 'lock_wait_us',
    'returned_rows', 'returned_bytes', 'started_at', 'ended_at',
] %}
{%- set shared = ['what_if_timestamp', 'configuration_name', 'pairing_method', 'user_name', 'database_name', 'query_type', 'statement_key', 'statement_text'] %}
{%- set pair_columns = shared + [] %}
{%- for column in ['cluster_identifier', 'query_id'] + facts %}
{%- do pair_columns.extend(['baseline_' ~ column, 'target_' ~ column]) %}
{%- endfor %}
{%- set leaves_out_first_runs = var('replay_leave_out_first_runs', false) | string | lower == 'true' %}
{%- set pair_class = "case when pair_class = 'compared' and runs > 1 and (baseline_run = 1 or target_run = 1) then 'first run' else pair_class end"
    if leaves_out_first_runs else 'pair_class' %}
{#- statements that do no work of their own; their durations are those of the way to the warehouse and back -#}
{%- set utility_words = ['begin', 'start', 'commit', 'end', 'rollback', 'abort', 'set', 'reset', 'show', 'discard', 'deallocate', 'close', ''] %}
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
        cast(null as {{ text_type(2048) }}) as pairing_key,
        cast(null as bigint) as occurrence,
        cast(null as {{ text_type(2048) }}) as last_met
    from sides

),

{%- for method, way in methods.items() %}
{%- set before = 'behind' if method == 'exact in order' else 'matched_' ~ loop.index0 %}

-- what is not paired yet has a key, the rest has itself; repeats meet in the order of their beginnings, one to one
keyed_{{ loop.index }} as (

    select
        {{ before }}.*,
        case when pairing_method is null then {{ way.key }} end as candidate_key,
        coalesce(case when pairing_method is null then {{ way.key }} end, chr(30) || {{ as_text('query_id') }}) as candidate
    from {{ before }}

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
        case when is_met then {{ way.name or sql_literal(method) }} else pairing_method end as pairing_method,
        case when is_met then candidate_key else pairing_key end as pairing_key,
        case when is_met then candidate_number else occurrence end as occurrence,
        last_met
    from met_{{ loop.index }}

),

{%- if method == 'once' %}

-- the last query before each one that has met: counted, and by that number the one that all behind it share
counted as (

    select
        matched_{{ loop.index }}.*,
        sum(case when pairing_method is not null then 1 else 0 end) over (
            partition by what_if_timestamp, configuration_name, is_baseline
            order by started_at, query_id, cluster_identifier
            rows between unbounded preceding and current row
        ) as met_before
    from matched_{{ loop.index }}

),

behind as (

    select
        {{ query_columns | join(',\n        ') }},
        pairing_method,
        pairing_key,
        occurrence,
        coalesce(max(pairing_method || chr(31) || pairing_key || chr(31) || {{ as_text('occurrence') }}) over (
            partition by what_if_timestamp, configuration_name, is_baseline, met_before
        ), '') as last_met
    from counted

),

{%- endif %}
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
        {%- for column in shared %}
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

){{ ',' if leaves_out_first_runs else '' }}
{%- if leaves_out_first_runs %}

-- what a cold warehouse does once, compiling and reading, on either side; a statement that ran once stays
runs as (

    select
        classified.*,
        count(*) over (partition by what_if_timestamp, configuration_name, statement_key, pair_class) as runs,
        {%- for side in ('baseline', 'target') %}
        row_number() over (
            partition by what_if_timestamp, configuration_name, statement_key, pair_class
            order by {{ side }}_started_at, {{ side }}_query_id
        ) as {{ side }}_run{{ ',' if not loop.last }}
        {%- endfor %}
    from classified

)
{%- endif %}

select
    {%- for column in pair_columns + ['change_us'] %}
    {{ column }},
    {%- endfor %}
    coalesce(query_type = 'UTILITY', false)
    or split_part(statement_text, ' ', 1) in ('{{ utility_words | join("', '") }}') as is_utility,
    {{ pair_class }} as pair_class,
    case
        when {{ pair_class }} <> 'compared' then null
        when abs(change_us) <= {{ same_within_us }} or abs(change_us) <= {{ same_within }} * baseline_elapsed_us then 'same'
        when change_us < 0 then 'improved'
        else 'degraded'
    end as change_class
from {{ 'runs' if leaves_out_first_runs else 'classified' }}
