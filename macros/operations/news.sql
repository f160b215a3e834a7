{#
    What has news. A landing model has news when it took something that not all of the models behind it have been built with. So a schedule looks
    at the landing folders and streams first, and then builds only the branches that have news:

        dbt run --selector landing
        dbt build -s $(dbt --quiet run-operation models_with_news)

    operations.branches has a row each time a branch was built as a whole: the landing model, and up to which of its loads.
#}

{#
    Operation: prints what `dbt build -s` takes, `<landing model>+` for each one with news, and `no_news`, which is no model's name, where there
    is none. A model with the meta changes_daily is among them from each day's beginning.
#}
{% macro models_with_news() %}
    {%- if execute -%}
        {%- do ensure_operations_tables(true) -%}
        {%- set names = [] -%}
        {%- for row in news().rows -%}{%- do names.append(row['root'] ~ '+') -%}{%- endfor -%}
        {{ print(names | join(' ') or 'no_news') }}
    {%- endif -%}
{% endmacro %}


{#
    Hook at the end of a run or a build: notes each branch with news that was built as a whole: the landing model and every model and snapshot
    behind it succeeded, and no test of theirs that ran failed.
#}
{% macro note_built_branches(results) %}
    {%- set ended = {} -%}
    {%- set failed_tests = [] -%}
    {%- for result in results -%}
        {%- set is_good = result.status | string in ('success', 'pass', 'warn') -%}
        {%- if result.node.resource_type in ('model', 'snapshot') -%}
            {%- do ended.update({result.node.unique_id: is_good}) -%}
        {%- elif not is_good -%}
            {%- do failed_tests.append(result.node) -%}
        {%- endif -%}
    {%- endfor -%}
    {%- set built = [] -%}
    {%- for row in news().rows -%}
        {%- set root = 'model.' ~ project_name ~ '.' ~ row['root'] -%}
        {%- if ended.get(root) -%}
            {%- set branch = nodes_behind(root) -%}
            {%- set unbuilt = [] -%}
            {%- for id in branch -%}
                {%- if not ended.get(id) and graph.nodes[id].config.materialized != 'ephemeral' -%}{%- do unbuilt.append(id) -%}{%- endif -%}
            {%- endfor -%}
            {%- for test in failed_tests -%}
                {%- for id in test.depends_on.nodes if id in branch -%}{%- do unbuilt.append(id) -%}{%- endfor -%}
            {%- endfor -%}
            {%- if unbuilt | length == 0 -%}{%- do built.append(row) -%}{%- endif -%}
        {%- endif -%}
    {%- endfor -%}
    {%- if built -%}
        {%- do run_query(built_branches(built)) -%}
    {%- endif -%}
{% endmacro %}


{# Models and snapshots behind a model, itself included. #}
{% macro nodes_behind(id) %}
    {%- set children = {} -%}
    {%- for node in graph.nodes.values() if node.resource_type in ('model', 'snapshot') -%}
        {%- for parent in node.depends_on.nodes -%}
            {%- if parent not in children -%}{%- do children.update({parent: []}) -%}{%- endif -%}
            {%- do children[parent].append(node.unique_id) -%}
        {%- endfor -%}
    {%- endfor -%}
    {%- set found = {id: true} -%}
    {%- set pending = [id] -%}
    {#- each turn takes one of them; there are never more than models -#}
    {%- for _ in graph.nodes if pending -%}
        {%- for child in children.get(pending.pop(), []) if child not in found -%}
            {%- do found.update({child: true}) -%}
            {%- do pending.append(child) -%}
        {%- endfor -%}
    {%- endfor -%}
    {{ return(found.keys() | list) }}
{% endmacro %}


{# Landing models that took something which their branch has not been built with, as rows of root and newest_at. #}
{% macro news() %}
    {%- set landings = [] -%}
    {%- set daily = [] -%}
    {%- for node in graph.nodes.values() | sort(attribute='name') if node.resource_type == 'model' -%}
        {%- if node.config.materialized in ('streaming_view', 'copied_files', 'unloaded_files', 'replicated_table') -%}
            {%- do landings.append(node) -%}
        {%- elif node.config.meta.changes_daily -%}
            {%- do daily.append(node) -%}
        {%- endif -%}
    {%- endfor -%}
    {#- a project that uses the macros alone has nothing that lands -#}
    {%- if not landings and not daily -%}{{ return({'rows': []}) }}{%- endif -%}
    {%- set query -%}
    select
        newest.root,
        {{ as_text('newest.newest_at') }} as newest_at
    from (
        {{ newest_of_landings(landings) | indent(8) }}
        {%- for node in daily %}
        union all
        select
            '{{ node.name }}' as root,
            {{ start_of_today() }} as newest_at
        {%- endfor %}
    ) as newest
    left join (
        select root, max(built_until) as built_until
        from {{ operations_relation('branches') }}
        group by root
    ) as branches
        on newest.root = branches.root
    where branches.built_until is null or newest.newest_at > branches.built_until
    order by newest.root
    {%- endset -%}
    {{ return(run_query(query)) }}
{% endmacro %}


{% macro start_of_today() -%}
    {%- if var('snapshots_end_on', '') -%}
    cast('{{ var('snapshots_end_on') }} 00:00:00' as {{ timestamp_type() }})
    {%- else -%}
    cast(cast({{ now_utc() }} as date) as {{ timestamp_type() }})
    {%- endif -%}
{%- endmacro %}


{# Statement that notes branches. #}
{% macro built_branches(rows) -%}
insert into {{ operations_relation('branches') }}
{%- for row in rows %}
select
    cast('{{ row['root'] }}' as {{ text_type(256) }}) as root,
    cast('{{ row['newest_at'] }}' as {{ timestamp_type() }}) as built_until,
    cast('{{ invocation_id }}' as {{ text_type(64) }}) as load_id,
    cast({{ now_utc() }} as {{ timestamp_type() }}) as recorded_at
{{- '\nunion all' if not loop.last }}
{%- endfor %}
{%- endmacro %}


{# Query: per landing model when it last took something (root, newest_at). #}
{% macro newest_of_landings(landings) %}{{ return(adapter.dispatch('newest_of_landings', 'millrace')(landings)) }}{% endmacro %}

{# The list of landed files says it, files that are gone included. A folder from which nothing came yet has news until its branch was built once. #}
{% macro default__newest_of_landings(landings) -%}
{%- if not landings -%}
select
    cast('' as {{ text_type(256) }}) as root,
    {{ earliest_timestamp() }} as newest_at
where 1 = 0
{%- else -%}
select
    landings.root,
    coalesce(max(files.refresh_time), {{ earliest_timestamp() }}) as newest_at
from (
    {%- for node in landings %}
    select '{{ node.name }}' as root
    {{- ' union all' if not loop.last }}
    {%- endfor %}
) as landings
left join {{ operations_relation('landing_files') }} as files
    on landings.root = files.model_name and files.outcome in ('taken', 'gone')
group by landings.root
{%- endif -%}
{%- endmacro %}

{#
    There COPY and streams keep the list: the newest row of each table says it. A view that refreshes itself may move while the models behind it
    are built, so it always counts as news.
#}
{% macro redshift__newest_of_landings(landings) -%}
select
    cast('' as {{ text_type(256) }}) as root,
    cast(null as timestamp) as newest_at
where false
{%- for node in landings if adapter.get_relation(node.database, node.schema, node.alias) is not none %}
union all
select
    '{{ node.name }}' as root,
    {{ 'coalesce(max(' ~ ('refresh_time' if 'refresh_time' in node.columns else 'loaded_at') ~ '), ' ~ earliest_timestamp() ~ ')'
        if not node.config.meta.auto_refresh else now_utc() }} as newest_at
from {{ node.relation_name }}
{%- endfor %}
{%- endmacro %}
