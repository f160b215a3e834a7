{#
    The rows of a change feed as they are now, deletes applied: the whole body of a current_ model. Grain: one row per key.
    Columns: the feed's columns, is_deleted (always false unless the feed keeps deleted rows), version_number, changed_at, loaded_at,
    load_id. A load takes the keys whose history moved. Deleted rows are removed, or kept and marked where the feed says deletes: keep. A
    delete of a row that is not there adds nothing.
    How the rows get into the table is the engine's business: MERGE on DuckDB and Athena (Iceberg), delete and insert in one transaction on
    Redshift, whose MERGE cannot do both.
    feed: name of the feed. history: ref() of its history_ model.
#}
{% macro current_state(feed, history) %}
{%- set feed = change_feed(feed) -%}
{%- do refuse_unmarked_parent(history) -%}
{%- set keys = [] -%}
{%- for key in feed.key -%}{%- do keys.append(column_name(key)) -%}{%- endfor -%}
{{- config(
    materialized='incremental',
    on_schema_change='sync_all_columns',
    unique_key=keys if keys | length > 1 else keys[0],
    incremental_strategy=current_state_strategy(),
    meta={'keeps_deleted_rows': feed.deletes == 'keep'},
    dist=keys[0],
    sort=keys,
) -}}
{%- if feed.deletes == 'remove' -%}{%- do current_state_conditions('is_deleted') -%}{%- endif -%}
with

latest as (

    select
        {%- for name in feed.columns %}
        {{ column_name(name) }},
        {%- endfor %}
        is_deleted,
        version_number,
        valid_from as changed_at
    from {{ history }} as history
    where
        is_current
        {%- if not is_incremental() %}
        {%- if feed.deletes == 'remove' %}
        and not is_deleted
        {%- endif %}
        {%- else %}
        and {{ is_new_record(history, 'history') | indent(8) }}
        {%- endif %}

)

select
    latest.*,
    {{ load_columns() }}
from latest
{%- endmacro %}


{# Name of the incremental strategy that keeps a current_ model. #}
{% macro current_state_strategy() %}{{ return(adapter.dispatch('current_state_strategy', 'millrace')()) }}{% endmacro %}

{% macro default__current_state_strategy() %}{{ return('current_state') }}{% endmacro %}

{% macro athena__current_state_strategy() %}{{ return('merge') }}{% endmacro %}


{# dbt-athena knows its own strategies only; its merge takes the delete and the insert condition of the model's config. #}
{% macro current_state_conditions(flag) %}{{ return(adapter.dispatch('current_state_conditions', 'millrace')(flag)) }}{% endmacro %}

{% macro default__current_state_conditions(flag) %}{% endmacro %}

{% macro athena__current_state_conditions(flag) %}
    {{ config(delete_condition='src.' ~ flag, insert_condition='not src.' ~ flag) }}
{% endmacro %}


{#
    dbt's incremental strategy `current_state`: rows that are flagged go, the others replace the row of their key. The flag is is_deleted, or
    the column that the model's meta names as removal_flag.
#}
{% macro get_incremental_current_state_sql(arg_dict) %}
    {{ return(adapter.dispatch('get_incremental_current_state_sql', 'millrace')(arg_dict)) }}
{% endmacro %}

{% macro default__get_incremental_current_state_sql(arg_dict) %}{{ engine_refuses('the incremental strategy current_state') }}{% endmacro %}

{% macro duckdb__get_incremental_current_state_sql(arg_dict) -%}
    {%- set keys = [arg_dict.unique_key] if arg_dict.unique_key is string else arg_dict.unique_key -%}
    {%- set flag = config.meta_get('removal_flag', 'is_deleted') -%}
    merge into {{ arg_dict.target_relation }} as stored
    using {{ arg_dict.temp_relation }} as latest
        on {% for key in keys %}stored.{{ key }} = latest.{{ key }}{{ ' and ' if not loop.last }}{% endfor %}
    {%- if not config.meta_get('keeps_deleted_rows', false) %}
    when matched and latest.{{ flag }} then delete
    when not matched and latest.{{ flag }} then do nothing
    {%- endif %}
    when matched then update by name
    when not matched then insert by name
{%- endmacro %}

{# One transaction, which is dbt's own: readers see the rows before or the rows after. #}
{% macro redshift__get_incremental_current_state_sql(arg_dict) -%}
    {%- set keys = [arg_dict.unique_key] if arg_dict.unique_key is string else arg_dict.unique_key -%}
    {%- set columns = arg_dict.dest_columns | map(attribute='quoted') | join(', ') -%}
    delete from {{ arg_dict.target_relation }}
    using {{ arg_dict.temp_relation }} as latest
    where {% for key in keys %}{{ arg_dict.target_relation }}.{{ key }} = latest.{{ key }}{{ ' and ' if not loop.last }}{% endfor %};

    insert into {{ arg_dict.target_relation }} ({{ columns }})
    select {{ columns }}
    from {{ arg_dict.temp_relation }}
    {%- if not config.meta_get('keeps_deleted_rows', false) %}
    where not {{ config.meta_get('removal_flag', 'is_deleted') }}
    {%- endif %}
{%- endmacro %}
