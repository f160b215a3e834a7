{#
    Erases a person: from hubs, links, satellites, marts, staging, quarantine and whatever else of the project's tables has a key of the
    person, and on Athena from the old snapshots of these tables. docs/erasure.md says what is erased, what is left and how to prove it.

    dbt run-operation erase_person --args '{person: customer, key: [C-1001], request: DSR-2026-17}'

    person: an entry of the variable `persons`. key: the values of its business key, in order. request: what the erasure is filed under; no
    personal data, so a number or a short name. Repeating a request is harmless and finishes one that was interrupted.
    Tables that have a key of the person lose the rows; delivered_ tables keep their rows, without what they hold, so that every record
    stays accounted for and a record that is delivered once more is known. operations.erasures says per table how many rows there were.
#}
{% macro erase_person(person, key, request) %}
    {%- set subject = person_named('erase_person', person) -%}
    {%- set values = [key] if key is string or key is number else key -%}
    {%- set owned = subject.owns or [] -%}
    {%- set subjects = [subject] + owned -%}
    {%- set wanted = key_columns(subject.business_keys) -%}
    {%- if not values or values | length != wanted | length or '' in values or none in values -%}
        {{ refuse_operation('erase_person', 'key', key, 'one value for each of ' ~ wanted | join(', ')) }}
    {%- endif -%}
    {%- do check_erasure_request('erase_person', request) -%}
    {%- do ensure_operations_tables(always=true) -%}
    {%- set nodes = erasable_nodes() -%}
    {%- set names = nodes | map(attribute='name') | list -%}
    {%- do claim_models(names) -%}
    {%- do run_query(erasure_state(request, person, 'Running')) -%}
    {%- do run_query(record_erased_keys(request, erased_key_of_values(subject, values))) -%}
    {%- for part in owned -%}
        {%- set through = load_relation(relation_of_model('erase_person', part.through)) -%}
        {%- if through -%}
            {%- do run_query(record_erased_keys(request, erased_keys_through(part, through, subjects, request))) -%}
        {%- endif -%}
    {%- endfor -%}
    {%- set total = namespace(rows=0, relations=0) -%}
    {%- for node in nodes -%}
        {%- set relation = load_relation(api.Relation.create(database=node.database, schema=node.schema, identifier=node.alias)) -%}
        {%- if relation and relation.type != 'view' -%}
            {%- set columns = adapter.get_columns_in_relation(relation) | map(attribute='name') | map('lower') | list -%}
            {%- set conditions = rows_to_erase(node, columns, subjects, values, request) -%}
            {%- set erased = namespace(rows=0) -%}
            {%- for condition in conditions -%}
                {%- set rows = run_query('select count(*) from ' ~ relation ~ ' where ' ~ condition).rows[0][0] | int -%}
                {%- set erased.rows = erased.rows + rows -%}
                {%- if rows and is_delivered(columns) -%}
                    {%- do run_query(record_erased_keys(request, erased_texts(relation, condition))) -%}
                    {%- do run_query(blank_rows(node, relation, columns, condition)) -%}
                {%- elif rows -%}
                    {%- do run_query('delete from ' ~ relation ~ ' where ' ~ condition) -%}
                {%- endif -%}
            {%- endfor -%}
            {%- if erased.rows -%}
                {%- set total.rows = total.rows + erased.rows -%}
                {%- set total.relations = total.relations + 1 -%}
                {%- do run_query(erasure_state(request, person, 'Erased', node.name, erased.rows)) -%}
            {%- endif -%}
            {%- if conditions -%}
                {%- do forget_old_snapshots(relation) -%}
            {%- endif -%}
        {%- endif -%}
    {%- endfor -%}
    {%- do run_query(erasure_state(request, person, 'Complete', none, total.rows)) -%}
    {%- do run_query(record_states(names, 'Complete')) -%}
    {%- do commit_operation() -%}
    {{ log("millrace: erasure " ~ request ~ ": " ~ total.rows ~ " rows in " ~ total.relations ~ " tables.", info=true) }}
{% endmacro %}


{#
    Lets a person in again: takes the keys that a request recorded from the list of the erased. What was erased does not come back by this;
    records that are delivered from then on are taken as any others.
    dbt run-operation lift_erasure --args '{request: DSR-2026-17}'
#}
{% macro lift_erasure(request) %}
    {%- do check_erasure_request('lift_erasure', request) -%}
    {%- do ensure_operations_tables(always=true) -%}
    {%- set found = run_query("select max(person) from " ~ operations_relation('erasures') ~ " where request = '" ~ request ~ "'").rows[0][0] -%}
    {%- if not found -%}{{ refuse_operation('lift_erasure', 'request', request, 'a request that erase_person was given') }}{%- endif -%}
    {%- do run_query("delete from " ~ operations_relation('erased_keys') ~ " where request = '" ~ request ~ "'") -%}
    {%- do run_query(erasure_state(request, found, 'Lifted')) -%}
    {%- do commit_operation() -%}
    {{ log("millrace: erasure " ~ request ~ " is lifted.", info=true) }}
{% endmacro %}


{# The entry of the variable `persons`, checked. #}
{% macro person_named(operation, person) %}
    {%- set persons = var('persons', {}) -%}
    {%- if person not in persons -%}
        {{ refuse_operation(operation, 'person', person, 'one of ' ~ persons.keys() | join(', ') ~ ' (the variable persons)') }}
    {%- endif -%}
    {{ return(persons[person]) }}
{% endmacro %}


{# Stops unless the request is a short name or number. #}
{% macro check_erasure_request(operation, request) %}
    {%- if not modules.re.match('^[A-Za-z0-9][A-Za-z0-9._/#-]{0,63}$', request | string) -%}
        {{ refuse_operation(operation, 'request', request, 'a number or short name of letters, digits and . _ / # -, without personal data') }}
    {%- endif -%}
{% endmacro %}


{# Models that may hold rows of a person: tables of the project that it writes itself. #}
{% macro erasable_nodes() %}
    {%- set nodes = [] -%}
    {%- for node in graph.nodes.values() | sort(attribute='name') -%}
        {%- if node.resource_type in ('model', 'snapshot') and node.config.materialized not in ('view', 'ephemeral')
            and 'landing_path' not in node.config.meta -%}
            {%- do nodes.append(node) -%}
        {%- endif -%}
    {%- endfor -%}
    {{ return(nodes) }}
{% endmacro %}


{# SELECT of the digest of a person's key, from its values. #}
{% macro erased_key_of_values(subject, values) -%}
select {{ erasure_digest(subject.hash_key, hash_key(subject.business_keys)) }} as key_digest
from (
    select
        {%- for name in key_columns(subject.business_keys) %}
        {{ as_text(text_literal(values[loop.index0])) }} as {{ name }}{{ ',' if not loop.last }}
        {%- endfor %}
) as given
{%- endmacro %}


{# SELECT of the digests of the keys of what is a person's alone, through the table that names both. #}
{% macro erased_keys_through(owned, relation, subjects, request) -%}
{%- set columns = adapter.get_columns_in_relation(relation) | map(attribute='name') | map('lower') | list -%}
{%- for condition in names_a_subject(subjects, owned.through, columns, request) %}
select {{ erasure_digest(owned.hash_key, owned.hash_key if owned.hash_key in columns else hash_key(owned.business_keys)) }} as key_digest
from {{ relation }}
where {{ condition }}
{{ 'union' if not loop.last }}
{%- endfor %}
{%- endmacro %}


{# Conditions, one per key that a table has: a row has a key that the request recorded. #}
{% macro names_a_subject(subjects, model_name, columns, request) %}
    {%- set conditions = [] -%}
    {%- for subject in subjects -%}
        {%- set keys = ([subject.hash_key] + (subject.roles or [])) | select('in', columns) | list -%}
        {%- set has_hash_key = keys | length > 0 -%}
        {%- for parts in keys_in(subject, model_name, columns) if not has_hash_key -%}
            {%- do keys.append(hash_key(parts)) -%}
        {%- endfor -%}
        {%- for key in keys -%}
            {%- do conditions.append(
                erasure_digest(subject.hash_key, key) ~ "\n    in (select erased.key_digest from " ~ operations_relation('erased_keys')
                ~ " as erased where erased.request = '" ~ request ~ "')"
            ) -%}
        {%- endfor -%}
    {%- endfor -%}
    {{ return(conditions) }}
{% endmacro %}


{# Conditions for the rows of a model; in quarantine also for texts that nobody could read and that have all values of the key as words. #}
{% macro rows_to_erase(node, columns, subjects, values, request) %}
    {%- set conditions = names_a_subject(subjects, node.name, columns, request) -%}
    {%- if conditions and is_delivered(columns) -%}
        {%- set words = ["outcome = 'quarantined'"] -%}
        {%- for value in values -%}
            {%- do words.append(matches_pattern('record_text', '(^|[^A-Za-z0-9_])' ~ pattern_of(value) ~ '($|[^A-Za-z0-9_])')) -%}
        {%- endfor -%}
        {%- do conditions.append(words | join('\n    and ')) -%}
    {%- endif -%}
    {{ return(conditions) }}
{% endmacro %}


{# Whether these are the columns of a delivered_ table, which accounts for every record. #}
{% macro is_delivered(columns) %}{{ return('record_text' in columns and 'outcome' in columns) }}{% endmacro %}


{# Regular expression, for every engine, that matches a text and nothing else. #}
{% macro pattern_of(text) %}
    {%- set pieces = [] -%}
    {%- for character in text | string -%}
        {%- if character in '^\\' -%}{%- do pieces.append('.') -%}
        {%- elif character == "'" -%}{%- do pieces.append("''") -%}
        {%- elif character in '.[]{}()*+?$|/-' -%}{%- do pieces.append('[' ~ character ~ ']') -%}
        {%- else -%}{%- do pieces.append(character) -%}
        {%- endif -%}
    {%- endfor -%}
    {{ return(pieces | join('')) }}
{% endmacro %}


{# A text as a literal that every engine reads alike. #}
{% macro text_literal(text) %}
    {{ return("'" ~ (text | string | replace("'", "''") | replace('\\', "' || chr(92) || '")) ~ "'") }}
{% endmacro %}


{# SELECT of the digests of the texts in quarantine that are about to be erased. #}
{% macro erased_texts(relation, condition) -%}
select distinct {{ erasure_digest('record_text', 'record_text') }} as key_digest
from {{ relation }}
where record_text is not null and {{ condition }}
{%- endmacro %}


{# Statement that takes from delivered records what they hold, and leaves what they are counted and known by. #}
{% macro blank_rows(node, relation, columns, condition) -%}
{%- set left = [
    'change_id', 'change_kind', 'event_at', 'change_order', 'outcome', 'outcome_reason', 'landing', 'refresh_time', 'loaded_at', 'load_id',
] + (node.config.meta.identity or []) -%}
update {{ relation }} set
    {%- for column in columns | reject('in', left) %}
    {{ column }} = null,
    {%- endfor %}
    outcome_reason = case when outcome = 'duplicate' then outcome_reason else '{{ erased_reason() }}' end,
    outcome = case when outcome = 'duplicate' then outcome else 'quarantined' end
where {{ condition }}
{%- endmacro %}


{# Statement that records digests which are not on the list of the request yet. #}
{% macro record_erased_keys(request, digests) -%}
insert into {{ operations_relation('erased_keys') }}
select
    cast('{{ request }}' as {{ text_type(64) }}) as request,
    cast(found.key_digest as {{ text_type(64) }}) as key_digest,
    cast({{ now_utc() }} as {{ timestamp_type() }}) as recorded_at
from (
    {{ digests | indent(4) }}
) as found
left join {{ operations_relation('erased_keys') }} as listed
    on found.key_digest = listed.key_digest and listed.request = '{{ request }}'
where found.key_digest is not null and listed.key_digest is null
{%- endmacro %}


{# Statement that records where an erasure stands. #}
{% macro erasure_state(request, person, state, relation_name=none, rows=none) -%}
insert into {{ operations_relation('erasures') }}
select
    cast('{{ request }}' as {{ text_type(64) }}) as request,
    cast('{{ person }}' as {{ text_type(64) }}) as person,
    cast('{{ state }}' as {{ text_type(16) }}) as state,
    cast({{ "'" ~ relation_name ~ "'" if relation_name else 'null' }} as {{ text_type(256) }}) as relation_name,
    cast({{ 'null' if rows is none else rows }} as bigint) as erased_rows,
    cast('{{ invocation_id }}' as {{ text_type(64) }}) as load_id,
    cast({{ now_utc() }} as {{ timestamp_type() }}) as recorded_at
{%- endmacro %}


{#
    What is deleted is in the files of a lake table still: DELETE writes beside a data file which of its rows count no more, and old snapshots keep
    the files before it. Files are rewritten without those rows, then old snapshots go, and their files.
#}
{% macro forget_old_snapshots(relation) %}{{ return(adapter.dispatch('forget_old_snapshots', 'millrace')(relation)) }}{% endmacro %}

{% macro default__forget_old_snapshots(relation) %}{{ return('') }}{% endmacro %}

{% macro athena__forget_old_snapshots(relation) %}
    {%- set kept = run_query('show tblproperties ' ~ relation.render_hive()).rows -%}
    {#- by default a file is left as it is until two files of deleted rows belong to it (optimize_rewrite_delete_file_threshold) -#}
    {%- do run_query(rewrite_threshold_statement(relation, 1)) -%}
    {%- do adapter.run_operation_with_potential_multiple_runs('optimize ' ~ relation.render_pure() ~ ' rewrite data using bin_pack', 'optimize') -%}
    {%- do run_query(rewrite_threshold_statement(relation, table_property(kept, 'optimize_rewrite_delete_file_threshold', 2))) -%}
    {%- do run_query(snapshot_retention_statement(relation, 1, 1)) -%}
    {%- do adapter.run_operation_with_potential_multiple_runs('vacuum ' ~ relation.render_pure(), 'vacuum') -%}
    {%- do run_query(snapshot_retention_statement(
        relation, table_property(kept, 'vacuum_max_snapshot_age_seconds', 432000), table_property(kept, 'vacuum_min_snapshots_to_keep', 1)
    )) -%}
{% endmacro %}


{#
    Operation: what was deleted from a table leaves its files now, not when files happen to be rewritten and old snapshots go. erase_person does this
    for all tables that it deletes from.
    dbt run-operation forget_deleted_rows --args '{model: current_dms__sporting_event}'
    model: name of the model.
#}
{% macro forget_deleted_rows(model) %}{{ return(adapter.dispatch('forget_deleted_rows', 'millrace')(model)) }}{% endmacro %}

{% macro default__forget_deleted_rows(model) %}{{ engine_refuses('forget_deleted_rows') }}{% endmacro %}

{% macro athena__forget_deleted_rows(model) %}
    {{ forget_old_snapshots(relation_of_model('forget_deleted_rows', model)) }}
    {{ log("millrace: no file of " ~ model ~ " has a row that was deleted.", info=true) }}
{% endmacro %}


{# How many files of deleted rows a data file has before OPTIMIZE rewrites it. #}
{% macro rewrite_threshold_statement(relation, files) -%}
    alter table {{ relation.render_hive() }} set tblproperties ('optimize_rewrite_delete_file_threshold' = '{{ files | int }}')
{%- endmacro %}


{# A property among the rows of SHOW TBLPROPERTIES, which are "name<tab>value" or two columns. #}
{% macro table_property(rows, name, default) %}
    {%- for row in rows -%}
        {%- set words = (row.values() | map('string') | join('\t')).split('\t') -%}
        {%- if words[0].strip() == name -%}{{ return(words[1].strip() | int) }}{%- endif -%}
    {%- endfor -%}
    {{ return(default) }}
{% endmacro %}
