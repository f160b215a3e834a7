{{ config(
    materialized=many_stages_materialization(),
    incremental_strategy='delete+insert',
    unique_key='what_if_timestamp',
    post_hook="{{ remove_replays_paired_before() }}",
    dist='even',
    sort='what_if_timestamp',
    tags=['daily'],
) }}
-- Grain: one row per query of the baseline and target configuration, beside its outcome there; and one per query that only the
-- target has. A load pairs the replays that have another paired_as than the rows that are stored: new queries, other settings, another text here.
{%- set same_within = var('replay_same_within', 0.05) %}
{%- set same_within_us = var('replay_same_within_ms', 10) * 1000 %}
{#- What makes two queries the same, the surest first; what one leaves over goes to the next. -#}
{%- set by_user = " || chr(31) || user_name || chr(31) || database_name" %}
{#- A tag is of a transaction's query, which may have been several statements. Redshift cuts texts at 4,000 characters, tag included, so that the same
    text may be whole on the side that has no tag. Users may have other names in the replay, and a consumer of shared data another database. #}
{%- set in_database = " || chr(31) || database_name" %}
{#- Each with the SQL of its name. `once` are statements that either side has once: they say where the others stand, and of repeats those meet
    that stand behind the same query that has met (last_met), so that one that was lost shifts none behind it. #}
{%- set behind = " || chr(31) || last_met" %}
{%- set exact = "coalesce(exact_hash, exact_statement_key)" ~ by_user %}
{%- set exact_name = "case when exact_hash is not null then 'exact hash' else 'exact text' end" %}
{%- set methods = {
    'replay tag': {'key': 'replay_tag || chr(31) || statement_key'},
    'replay tag and verb': {'key': 'replay_tag || chr(31) || verb'},
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
    'beginning of the text': {'key': 'beginning' ~ by_user},
    'exact hash, other user': {'key': 'exact_hash' ~ in_database},
    'exact text, other user': {'key': 'exact_statement_key' ~ in_database},
    'query hash, other user': {'key': 'query_hash' ~ in_database},
    'statement text, other user': {'key': 'statement_key' ~ in_database},
    'exact text, other database': {'key': 'exact_statement_key'},
    'statement text, other database': {'key': 'statement_key'},
} %}
{%- set query_columns = [
    'what_if_timestamp', 'configuration_name', 'is_baseline', 'cluster_identifier', 'query_id', 'user_name', 'database_name', 'replay_tag',
    'exact_hash', 'exact_statement_key', 'query_hash', 'statement_key', 'verb', 'beginning', 'started_at',
] %}
{#- What has met by then goes no further: a window over all queries is what costs. Each is read twice, so that there are few of them. -#}
{%- set settle_after = ['replay tag and verb', 'exact text'] %}
{%- set facts = [
    'query_outcome', 'is_from_cache', 'error_message', 'elapsed_us', 'queue_us', 'execution_us', 'compile_us', 'planning_us', 'lock_wait_us',
    'returned_rows', 'returned_bytes', 'started_at', 'ended_at',
] %}
{%- set shared = ['what_if_timestamp', 'configuration_name', 'pairing_method', 'user_name', 'database_name', 'query_type', 'statement_key', 'statement_text', 'paired_as'] %}
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

replays as (

    {{ replays_as_they_are() | indent(4) }}

),

{% if is_incremental() -%}
paired_before as (

    select distinct
        what_if_timestamp,
        paired_as
    from {{ this }}

),

affected_replays as (

    select
        replays.what_if_timestamp,
        replays.paired_as
    from replays
    left join paired_before
        on replays.what_if_timestamp = paired_before.what_if_timestamp and replays.paired_as = paired_before.paired_as
    where paired_before.paired_as is null

),

{% endif -%}
replayed_queries as (

    select
        queries.*,
        replays.paired_as
    from {{ ref('stg_replay__queries') }} as queries
    inner join {{ 'affected_replays' if is_incremental() else 'replays' }} as replays
        on queries.what_if_timestamp = replays.what_if_timestamp

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
        {%- for column in query_columns[3:] if column not in ('verb', 'beginning', 'started_at') %}
        replayed_queries.{{ column }},
        {%- endfor %}
        split_part(replayed_queries.statement_text, ' ', 1) as verb,
        case when length(replayed_queries.query_text) >= 3800 then {{ digest('substring(replayed_queries.statement_text, 1, 500)') }} end as beginning,
        replayed_queries.started_at
    from replayed_queries
    inner join configurations
        on
            replayed_queries.what_if_timestamp = configurations.what_if_timestamp
            and replayed_queries.cluster_identifier = configurations.cluster_identifier
    left join targets
        on configurations.what_if_timestamp = targets.what_if_timestamp and configurations.is_baseline
    where
        (targets.configuration_name is not null or not configurations.is_baseline)
        and {{ replay_is_included('replayed_queries') }}

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

{%- set places = namespace(before='matched_0', settled=[]) %}
{%- for method, way in methods.items() %}
{%- set before = places.before %}
{%- set places.before = 'matched_' ~ loop.index %}

-- what is not paired yet has a key, the rest has itself; repeats meet in the order of their beginnings, one to one
{%- set candidate_key = "case when pairing_method is null then " ~ way.key ~ " end" %}
{%- set candidate = "coalesce(" ~ candidate_key ~ ", chr(30) || " ~ as_text('query_id') ~ ")" %}
{%- set keyed = before %}
{%- if 'over (' in way.key %}
{%- set keyed = 'keyed_' ~ loop.index %}
{#- no window within a window; a CTE less for each of the others, for Athena takes no statement that is nested deeper #}
keyed_{{ loop.index }} as (

    select
        {{ before }}.*,
        {{ candidate_key }} as own_key
    from {{ before }}

),
{%- set candidate_key = 'own_key' %}
{%- set candidate = "coalesce(own_key, chr(30) || " ~ as_text('query_id') ~ ")" %}
{% endif %}
numbered_{{ loop.index }} as (

    select
        {{ keyed }}.*,
        {{ candidate_key }} as candidate_key,
        {{ candidate }} as candidate,
        row_number() over (
            partition by what_if_timestamp, configuration_name, is_baseline, {{ candidate }}
            order by started_at, query_id, cluster_identifier
        ) as candidate_number
    from {{ keyed }}

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
        case when is_met then '{{ loop.index }}' || chr(31) || candidate_key else pairing_key end as pairing_key,
        case when is_met then candidate_number else occurrence end as occurrence,
        last_met
    from met_{{ loop.index }}

),

{%- if method in settle_after %}
{%- do places.settled.append(places.before) %}
{%- set places.before = 'left_' ~ loop.index %}

left_{{ loop.index }} as (

    select * from matched_{{ loop.index }}
    where pairing_method is null

),

{%- endif %}
{%- if method == 'once' %}
{%- set places.before = 'behind' %}

-- the last query before each one that has met: counted, and by that number the one that all behind it share
in_order as (

    select
        matched_{{ loop.index }}.*,
        false as is_settled
    from matched_{{ loop.index }}
    {%- for name in places.settled %}
    union all
    select
        {{ name }}.*,
        true as is_settled
    from {{ name }}
    where pairing_method is not null
    {%- endfor %}

),

counted as (

    select
        in_order.*,
        sum(case when pairing_method is not null then 1 else 0 end) over (
            partition by what_if_timestamp, configuration_name, is_baseline
            order by started_at, query_id, cluster_identifier
            rows between unbounded preceding and current row
        ) as met_before
    from in_order

),

stood_behind as (

    select
        {{ query_columns | join(',\n        ') }},
        pairing_method,
        pairing_key,
        occurrence,
        coalesce(max(pairing_method || chr(31) || pairing_key || chr(31) || {{ as_text('occurrence') }}) over (
            partition by what_if_timestamp, configuration_name, is_baseline, met_before
        ), '') as last_met,
        is_settled
    from counted

),

behind as (

    select
        {{ query_columns | join(',\n        ') }},
        pairing_method,
        pairing_key,
        occurrence,
        last_met
    from stood_behind
    where not is_settled

),

{%- endif %}
{%- endfor %}

placed as (

    select * from matched_{{ methods | length }}
    {%- for name in places.settled %}
    union all
    select * from {{ name }}
    where pairing_method is not null
    {%- endfor %}

),

calls as (

    select
        what_if_timestamp,
        cluster_identifier,
        session_id,
        query_id,
        started_at,
        ended_at
    from replayed_queries
    where statement_text like 'call %'

),

-- a session does one thing at a time: what it ran while a call ran is part of the call, whose seconds have it
within_calls as (

    select distinct
        replayed_queries.what_if_timestamp,
        replayed_queries.cluster_identifier,
        replayed_queries.query_id
    from replayed_queries
    inner join calls
        on
            replayed_queries.what_if_timestamp = calls.what_if_timestamp
            and replayed_queries.cluster_identifier = calls.cluster_identifier
            and replayed_queries.session_id = calls.session_id
    where
        replayed_queries.started_at >= calls.started_at
        and replayed_queries.ended_at <= calls.ended_at
        and (
            replayed_queries.started_at > calls.started_at
            or replayed_queries.ended_at < calls.ended_at
            or replayed_queries.query_id > calls.query_id
        )

),

{%- for side in ('baseline', 'target') %}

{{ side }}_queries as (

    select
        placed.configuration_name,
        placed.pairing_method,
        placed.pairing_key,
        placed.occurrence,
        within_calls.query_id is not null as is_within_call,
        replayed_queries.*
    from placed
    inner join replayed_queries
        on
            placed.what_if_timestamp = replayed_queries.what_if_timestamp
            and placed.cluster_identifier = replayed_queries.cluster_identifier
            and placed.query_id = replayed_queries.query_id
    left join within_calls
        on
            placed.what_if_timestamp = within_calls.what_if_timestamp
            and placed.cluster_identifier = within_calls.cluster_identifier
            and placed.query_id = within_calls.query_id
    where {{ 'not ' if side == 'target' }}placed.is_baseline

),

{%- endfor %}

paired as (

    select
        {%- for column in shared %}
        coalesce(baseline_queries.{{ column }}, target_queries.{{ column }}) as {{ column }},
        {%- endfor %}
        coalesce(baseline_queries.is_within_call, false) or coalesce(target_queries.is_within_call, false) as is_within_call,
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

-- windows and no joins with itself: Athena would work all of the above out for each, and takes 150 stages
described as (

    select
        paired.*,
        split_part(statement_text, ' ', 1) as first_word,
        statement_text like 'copy %' or statement_text like 'unload %' as is_load,
        case when target_query_id is not null then 1 else 0 end as is_in_target,
        {{ replay_never_runs('statement_text') | indent(8) }} as never_runs
    from paired

),

-- whose queries the target has some of, which is what it was given to do; whether it ran what a replay runs only where it is told to
explained as (

    select
        described.*,
        coalesce(user_name is not null and max(is_in_target) over (partition by what_if_timestamp, configuration_name, user_name) = 1, false) as has_user,
        is_load and max(is_in_target) over (partition by what_if_timestamp, configuration_name, first_word) = 1 as has_verb
    from described

),

classified as (

    select
        explained.*,
        target_elapsed_us - baseline_elapsed_us as change_us,
        case
            when is_within_call and (baseline_query_id is null or target_query_id is null) then 'within a call'
            when baseline_query_id is null then 'only in the target'
            when target_query_id is null and not has_user then 'not part of the target'
            when target_query_id is null and never_runs is not null then 'left out by the replay'
            when target_query_id is null and is_load and not has_verb then 'not part of the target'
            when target_query_id is null then 'missing in the target'
            when baseline_query_outcome = 'succeeded' and target_query_outcome = 'timed out' then 'new timeout'
            when baseline_query_outcome = 'succeeded' and target_query_outcome <> 'succeeded' then 'new error'
            when baseline_query_outcome <> 'succeeded' and target_query_outcome = 'succeeded' then 'resolved error'
            when baseline_query_outcome <> 'succeeded' then 'failed in both'
            when is_within_call then 'within a call'
            when baseline_is_from_cache or target_is_from_cache then 'from the cache'
            else 'compared'
        end as pair_class
    from explained

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
    not statement_text like 'call %' and (
        coalesce(query_type = 'UTILITY', false)
        or split_part(statement_text, ' ', 1) in ('{{ utility_words | join("', '") }}')
    ) as is_utility,
    {{ pair_class }} as pair_class,
    cast(case
        when {{ pair_class }} = 'within a call' then 'a procedure ran it: its seconds are in those of the call'
        when {{ pair_class }} = 'left out by the replay' then never_runs
        when {{ pair_class }} = 'not part of the target' and not has_user then 'the target has no query of the user'
        when {{ pair_class }} = 'not part of the target' then 'the target has no COPY or no UNLOAD at all: a replay runs them only where execute_copy_statements and execute_unload_statements are true'
        when {{ pair_class }} = 'missing in the target' then 'the target has other queries of the user'
        when {{ pair_class }} = 'only in the target' then 'no query of the baseline has its tag, hash or text'
    end as {{ text_type(256) }}) as class_reason,
    case
        when {{ pair_class }} <> 'compared' then null
        when abs(change_us) <= {{ same_within_us }} or abs(change_us) <= {{ same_within }} * baseline_elapsed_us then 'same'
        when change_us < 0 then 'improved'
        else 'degraded'
    end as change_class
from {{ 'runs' if leaves_out_first_runs else 'classified' }}
