{#
    Load marks: how far an incremental model has read each table it reads. A mark on max(loaded_at) of the model's own rows
    would stand still when a load inserts nothing, and the same records would be read for ever; a mark in a table of its own
    moves. What is lost with the mark is time, never data: every load tolerates records it has seen before.
#}

{#
    Predicate: the record came after what this model has read of the relation. `true` on a first load.
    relation: ref() of a table or view that states loaded_at in its YAML; alias: its alias in the query.
#}
{% macro is_new_record(relation, alias) %}
    {%- do refuse_unmarked_parent(relation) -%}
    {%- if not is_incremental() -%}{{ return('true') }}{%- endif -%}
    {%- set predicate -%}
    {{ alias }}.loaded_at > coalesce(
            (
                select max(marks.loaded_until)
                from {{ source('operations', 'load_marks') }} as marks
                where
                    marks.consumer = '{{ load_mark_consumer() }}'
                    and marks.source_name = '{{ relation_name(relation) }}'
                    and marks.state = 'read'
            ),
            {{ earliest_timestamp() }}
        )
    {%- endset -%}
    {{ return(predicate) }}
{% endmacro %}


{# Whose mark it is: the model's; of a computed satellite the rule's, which has read as far as it was in use. #}
{% macro load_mark_consumer() %}
    {%- set rule_version = (config.get('meta') or {}).get('rule_version') if config is defined else none -%}
    {{ return(model_in_question() ~ (' rule ' ~ rule_version if rule_version else '')) }}
{% endmacro %}


{# Name of the model. In a unit test `model` is the test, which names the model it tests. #}
{% macro model_in_question() %}
    {{ return((model.get('tested_node_unique_id') or model.name).split('.') | last) }}
{% endmacro %}


{% macro earliest_timestamp() -%}cast('1900-01-01 00:00:00' as {{ timestamp_type() }}){%- endmacro %}


{#
    The moment this load is stamped with: now, or just after the furthest mark that anybody has set, whichever is later. A clock that
    was set back can then never hide new rows from the models that read them.
#}
{% macro load_time() -%}
    greatest(
        {{ now_utc() }},
        coalesce(
            (
                select {{ add_microseconds('max(marks.loaded_until)', 1) }}
                from {{ source('operations', 'load_marks') }} as marks
            ),
            {{ now_utc() }}
        )
    )
{%- endmacro %}


{# Parents of the current model that can be read incrementally: those whose YAML has a column loaded_at. #}
{% macro marked_parents() %}
    {%- set parents = [] -%}
    {%- for id in model.depends_on.nodes -%}
        {%- set parent = graph.nodes.get(id) -%}
        {%- if parent and parent.resource_type == 'model' and 'loaded_at' in parent.columns -%}
            {%- do parents.append(parent) -%}
        {%- endif -%}
    {%- endfor -%}
    {{ return(parents) }}
{% endmacro %}


{# The tables behind a parent: itself, or what an ephemeral one reads. #}
{% macro marked_relations(parent) %}
    {%- if parent.config.materialized != 'ephemeral' -%}{{ return([node_relation(parent)]) }}{%- endif -%}
    {%- set relations = [] -%}
    {%- for id in parent.depends_on.nodes -%}
        {%- set behind = graph.nodes.get(id) -%}
        {%- if behind and behind.resource_type == 'model' and 'loaded_at' in behind.columns -%}
            {%- do relations.extend(marked_relations(behind)) -%}
        {%- endif -%}
    {%- endfor -%}
    {{ return(relations) }}
{% endmacro %}


{# The relation that ref() gives for a node, without asking for a ref(): its own, or under --defer the one it is deferred to. #}
{% macro node_relation(node) %}
    {%- set own = api.Relation.create(database=node.database, schema=node.schema, identifier=node.alias) -%}
    {%- set deferred = node.get('defer_relation') -%}
    {%- if not deferred or not invocation_args_dict.get('defer') -%}{{ return(own) }}{%- endif -%}
    {%- set is_preferred = invocation_args_dict.get('favor_state') and node.unique_id not in selected_resources -%}
    {%- if not is_preferred and load_relation(own) is not none -%}{{ return(own) }}{%- endif -%}
    {{ return(api.Relation.create(database=deferred.database, schema=deferred.schema, identifier=deferred.alias)) }}
{% endmacro %}


{# Whether the command reads less than there is (--empty, --sample; clone reads nothing): then nothing counts as read. #}
{% macro reads_less_than_there_is() %}
    {{ return(true if invocation_args_dict.get('empty') or invocation_args_dict.get('sample') or flags.WHICH == 'clone' else false) }}
{% endmacro %}


{# An ephemeral parent is read as far as every table behind it is. #}
{% macro select_load_marks(state) -%}
    {%- for parent in marked_parents() %}
    {%- set relations = marked_relations(parent) %}
    select
        cast('{{ load_mark_consumer() }}' as {{ text_type(256) }}) as consumer,
        cast('{{ parent.name }}' as {{ text_type(256) }}) as source_name,
        {{ 'least(' if relations | length > 1 }}
        {%- for relation in relations -%}
        (select max(loaded_at) from {{ relation }}){{ ', ' if not loop.last }}
        {%- endfor -%}
        {{ ')' if relations | length > 1 }} as loaded_until,
        cast('{{ invocation_id }}' as {{ text_type(64) }}) as load_id,
        cast('{{ state }}' as {{ text_type(16) }}) as state,
        {{ now_utc() }} as recorded_at
    {{- '\n    union all' if not loop.last }}
    {%- endfor %}
{%- endmacro %}


{# Hook before an incremental model: where the engine has no transactions, notes how far the model is about to read. #}
{% macro begin_load() %}
    {%- if not execute or config.get('materialized') != 'incremental' or reads_less_than_there_is() -%}{{ return('') }}{%- endif -%}
    {{ return(adapter.dispatch('begin_load', 'millrace')()) }}
{% endmacro %}

{% macro default__begin_load() %}{{ return('') }}{% endmacro %}

{% macro athena__begin_load() %}
    {%- if marked_parents() | length == 0 -%}{{ return('') }}{%- endif -%}
    {{ return('insert into ' ~ operations_relation('load_marks') ~ select_load_marks('reading')) }}
{% endmacro %}


{# Hook behind an incremental model, in the model's own transaction where there is one: the model has read this far. #}
{% macro end_load() %}
    {%- if
        not execute or config.get('materialized') != 'incremental' or marked_parents() | length == 0 or reads_less_than_there_is()
    -%}
        {{ return('') }}
    {%- endif -%}
    {{ return(adapter.dispatch('end_load', 'millrace')()) }}
{% endmacro %}

{# One snapshot for the whole transaction: what max() sees here is what the model saw. Unchanged marks are not repeated. #}
{% macro default__end_load() %}
    {%- set marks = operations_relation('load_marks') -%}
    {%- set statement -%}
    insert into {{ marks }}
    select moved.*
    from (
        {{- select_load_marks('read') | indent(4) }}
    ) as moved
    left join (
        select consumer, source_name, max(loaded_until) as loaded_until
        from {{ marks }}
        where state = 'read'
        group by consumer, source_name
    ) as known
        on moved.consumer = known.consumer and moved.source_name = known.source_name
    where
        moved.loaded_until is not null
        and (known.loaded_until is null or moved.loaded_until > known.loaded_until)
    {%- endset -%}
    {{ return(statement) }}
{% endmacro %}

{# No transactions: confirms what begin_load() noted before the model read, which is at most what it read. #}
{% macro athena__end_load() %}
    {%- set marks = operations_relation('load_marks') -%}
    {%- set statement -%}
    insert into {{ marks }}
    select
        consumer,
        source_name,
        loaded_until,
        load_id,
        'read' as state,
        {{ now_utc() }} as recorded_at
    from {{ marks }}
    where
        state = 'reading'
        and consumer = '{{ load_mark_consumer() }}'
        and load_id = '{{ invocation_id }}'
        and loaded_until is not null
    {%- endset -%}
    {{ return(statement) }}
{% endmacro %}
