{#
    The audit of loads, operations.loads: one row each time the state of a model in a load changed. Ready and Running are written when a
    command begins, Complete or Failed, with the records per outcome, when it ends. models/marts/core/fct_loads.sql is the view to read.
    A load is one dbt run or dbt build; its id is dbt's invocation id, its job what MILLRACE_JOB says.
#}

{#
    Hook at the start of a command. Stops it where another live load has a model of this one in work: two loads of one model at a time
    would read the same records. One without a sign of life for load_timeout_minutes is dead: it is marked Failed, and this load goes on
    from what it left, which is always whole.
#}
{% macro begin_run() %}
    {%- if execute and flags.WHICH in ('run', 'build', 'retry') -%}
        {%- set models = stateful_models() -%}
        {%- if models -%}
            {%- do claim_models(models) -%}
            {%- do find_unreadable_files() -%}
        {%- endif -%}
    {%- endif -%}
    {{ return('') }}
{% endmacro %}


{# Takes models in work under the id of this command, or stops where another live load has them; see begin_run(). #}
{% macro claim_models(models) %}
    {%- do run_query(record_states(models, 'Ready')) -%}
    {%- for other in run_query(conflicting_loads(models)).rows -%}
        {%- if other['is_dead'] -%}
            {%- do run_query(record_end(other['load_id'], 'no sign of life since ' ~ other['last_seen_at'] ~ '; taken over')) -%}
            {{ log("millrace: load " ~ other['load_id'] ~ " (" ~ other['job'] ~ ") gave no sign of life since "
                ~ other['last_seen_at'] ~ " and is taken over.", info=true) }}
        {%- else -%}
            {%- do run_query(record_end(invocation_id, 'stopped: load ' ~ other['load_id'] ~ ' is running')) -%}
            {{ exceptions.raise_compiler_error(
                "millrace: load " ~ other['load_id'] ~ " of the job '" ~ other['job'] ~ "' is running since " ~ other['started_at']
                ~ " and works on " ~ other['models'] ~ " of the models of this one, " ~ other['example'] ~ " for instance. Nothing "
                ~ "was changed. Wait for it; or, if you know that it died: dbt run-operation release_load --args '{load_id: "
                ~ other['load_id'] ~ "}'."
            ) }}
        {%- endif -%}
    {%- endfor -%}
    {%- do run_query(record_states(models, 'Running')) -%}
{% endmacro %}


{# Hook at the end of a command: how each model ended, and what the delivered_ models made of their records. #}
{% macro end_run(results) %}
    {%- if not execute or flags.WHICH not in ('run', 'build', 'retry') or not results -%}{{ return('') }}{%- endif -%}
    {%- set models = stateful_models() -%}
    {%- set ended = [] -%}
    {%- for result in results -%}
        {%- if result.node.name in models -%}
            {%- set state = 'Complete' if result.status | string in ('success', 'pass') else 'Failed' -%}
            {%- do ended.append(ended_model(result.node, state, result.message if state == 'Failed' else none)) -%}
        {%- endif -%}
    {%- endfor -%}
    {#- Athena takes 150 stages in a statement, and each delivered_ model's counts are some of them -#}
    {%- for part in ended | batch(20) -%}
        {%- do run_query('insert into ' ~ operations_relation('loads') ~ '\n' ~ part | join('\nunion all\n')) -%}
    {%- endfor -%}
    {%- do note_unreadable_files(results) -%}
    {%- if not reads_less_than_there_is() and not invocation_args_dict.get('defer') -%}{%- do note_built_branches(results) -%}{%- endif -%}
    {{ return('') }}
{% endmacro %}


{#
    Marks a load as ended that died and whose sign of life is not old enough to be taken over by itself.
    dbt run-operation release_load --args '{load_id: <id from fct_loads>}'
#}
{% macro release_load(load_id) %}
    {%- do ensure_operations_tables(true) -%}
    {%- do run_query(record_end(load_id, 'released by hand')) -%}
    {%- do commit_operation() -%}
    {{ log("millrace: load " ~ load_id ~ " is released.", info=true) }}
{% endmacro %}


{# Names of the selected models that keep what earlier loads brought. #}
{% macro stateful_models() %}
    {%- set names = [] -%}
    {%- for id in selected_resources -%}
        {%- set node = graph.nodes.get(id) -%}
        {%- if node and node.resource_type == 'model' and node.config.materialized not in ('view', 'table', 'ephemeral') -%}
            {%- do names.append(node.name) -%}
        {%- endif -%}
    {%- endfor -%}
    {{ return(names | sort) }}
{% endmacro %}


{#
    What an engine or dbt said, as a literal: cut first and quoted then, so that no cut falls between two quotes; control characters are blanks.
    message: text, or none for null. length: in characters.
#}
{% macro message_literal(message, length) %}
    {{ return('null' if message is none else text_literal(modules.re.sub('[\\x00-\\x1f]', ' ', message | string)[:length])) }}
{% endmacro %}


{# One row of operations.loads as a SELECT. #}
{% macro load_row(model_name, state, message=none, counts={}) -%}
select
    cast({{ text_literal(env_var('MILLRACE_JOB', 'dbt')) }} as {{ text_type(256) }}) as job,
    cast('{{ invocation_id }}' as {{ text_type(64) }}) as load_id,
    cast({{ model_name }} as {{ text_type(256) }}) as model_name,
    cast('{{ state }}' as {{ text_type(16) }}) as state,
    cast({{ now_utc() }} as {{ timestamp_type() }}) as recorded_at,
    cast({{ counts.get('delivered', 'null') }} as bigint) as delivered_records,
    cast({{ counts.get('accepted', 'null') }} as bigint) as accepted_records,
    cast({{ counts.get('duplicate', 'null') }} as bigint) as duplicate_records,
    cast({{ counts.get('quarantined', 'null') }} as bigint) as quarantined_records,
    cast({{ message_literal(message, 500) }} as {{ text_type(2048) }}) as message
{%- endmacro %}


{# Statement that writes one state for several models. #}
{% macro record_states(models, state) -%}
insert into {{ operations_relation('loads') }}
{%- for name in models %}
{{ load_row("'" ~ name ~ "'", state) }}
{{- '\nunion all' if not loop.last }}
{%- endfor %}
{%- endmacro %}


{# Row of a model that ended. A delivered_ model counts what became of the records of this load. #}
{% macro ended_model(node, state, message) -%}
{%- if state == 'Complete' and node.name.startswith('delivered_') -%}
{{ load_row("'" ~ node.name ~ "'", state, message, {
    'delivered': 'count(*)',
    'accepted': "coalesce(sum(case when outcome = 'accepted' then 1 else 0 end), 0)",
    'duplicate': "coalesce(sum(case when outcome = 'duplicate' then 1 else 0 end), 0)",
    'quarantined': "coalesce(sum(case when outcome = 'quarantined' then 1 else 0 end), 0)",
}) }}
from {{ node.relation_name }}
where load_id = '{{ invocation_id }}'
{%- else -%}
{{ load_row("'" ~ node.name ~ "'", state, message) }}
{%- endif -%}
{%- endmacro %}


{# Statement that ends what is open of a load. #}
{% macro record_end(load_id, message) -%}
insert into {{ operations_relation('loads') }}
select
    cast(latest.job as {{ text_type(256) }}) as job,
    cast(latest.load_id as {{ text_type(64) }}) as load_id,
    cast(latest.model_name as {{ text_type(256) }}) as model_name,
    cast('Failed' as {{ text_type(16) }}) as state,
    cast({{ now_utc() }} as {{ timestamp_type() }}) as recorded_at,
    cast(null as bigint) as delivered_records,
    cast(null as bigint) as accepted_records,
    cast(null as bigint) as duplicate_records,
    cast(null as bigint) as quarantined_records,
    cast({{ message_literal(message, 500) }} as {{ text_type(2048) }}) as message
from (
    select
        job,
        load_id,
        model_name,
        max(case when state in ('Complete', 'Failed') then 1 else 0 end) as is_ended
    from {{ operations_relation('loads') }}
    where load_id = {{ text_literal(load_id) }}
    group by job, load_id, model_name
) as latest
where latest.is_ended = 0
{%- endmacro %}


{#
    Other loads with open models of this one, those that came first: Running ones, and Ready ones that were there before. Two that begin at
    the same moment see each other, and the one with the smaller id goes on.
#}
{% macro conflicting_loads(models) -%}
with

states as (

    select
        job,
        load_id,
        model_name,
        min(recorded_at) as started_at,
        max(recorded_at) as recorded_at,
        max(case when state in ('Complete', 'Failed') then 1 else 0 end) as is_ended,
        max(case when state = 'Running' then 1 else 0 end) as is_running
    from {{ operations_relation('loads') }}
    group by job, load_id, model_name

),

open_loads as (

    select
        states.job,
        states.load_id,
        min(states.started_at) as started_at,
        max(states.recorded_at) as recorded_at,
        max(states.is_running) as is_running,
        count(*) as models,
        min(states.model_name) as example
    from states
    where
        states.is_ended = 0
        and states.load_id <> '{{ invocation_id }}'
        and states.model_name in ('{{ models | join("', '") }}')
    group by states.job, states.load_id

),

marks as (

    select
        load_id,
        max(recorded_at) as recorded_at
    from {{ operations_relation('load_marks') }}
    group by load_id

),

own as (

    select min(recorded_at) as started_at
    from {{ operations_relation('loads') }}
    where load_id = '{{ invocation_id }}'

),

seen as (

    select
        open_loads.job,
        open_loads.load_id,
        open_loads.started_at,
        open_loads.is_running,
        open_loads.models,
        open_loads.example,
        own.started_at as own_started_at,
        greatest(open_loads.recorded_at, coalesce(marks.recorded_at, open_loads.recorded_at)) as last_seen_at
    from open_loads
    cross join own
    left join marks
        on open_loads.load_id = marks.load_id

)

select
    job,
    load_id,
    {{ as_text('started_at') }} as started_at,
    models,
    example,
    {{ as_text('last_seen_at') }} as last_seen_at,
    {{ elapsed_us('last_seen_at', now_utc()) }} >= {{ load_timeout_minutes() * 60000000 }} as is_dead
from seen
where
    is_running = 1
    or started_at < own_started_at
    or (started_at = own_started_at and load_id < '{{ invocation_id }}')
{%- endmacro %}


{# After how many minutes without a sign of life a load counts as dead. #}
{% macro load_timeout_minutes() %}{{ return(adapter.dispatch('load_timeout_minutes', 'millrace')()) }}{% endmacro %}

{% macro default__load_timeout_minutes() %}{{ return(var('load_timeout_minutes', 60)) }}{% endmacro %}

{# Only one process can have the file open: whoever can ask is alone. #}
{% macro duckdb__load_timeout_minutes() %}{{ return(0) }}{% endmacro %}
