{#
    Bridge: the relationships that were in effect at each snapshot along a path of links, as keys only. Grain: one row per key and snapshot
    from the first relationship on. Columns: the key, snapshot_at, for each step the link's key and the hub keys it leads to (the zero key
    where nothing was in effect), loaded_at, load_id. It begins at the many side (an order line, an encounter), so that a key has one
    relationship per step at a time. Loads and repairs as point_in_time().

    key: hash key column to begin at. hub: ref() of its hub. steps: list of {'relation': ref() of an effectivity satellite, 'key': the
    link's key, 'driving_key': hub key that the step begins at, 'hub_keys': hub keys it leads to, 'position': [...]}. A step's driving key
    is `key` or among the hub_keys of the steps before. snapshots: name of a model made by snapshot_spine().
#}
{% macro bridge(key, hub, steps, snapshots) %}
    {%- do require_arguments('bridge', {'key': key, 'hub': hub, 'steps': steps, 'snapshots': snapshots}) -%}
    {%- set reached = [key] -%}
    {%- set columns = [] -%}
    {%- set changes = [] -%}
    {%- for step in steps -%}
        {%- do require_arguments('bridge', {
            'steps': step.relation and step.key and step.driving_key and step.hub_keys and step.position
        }) -%}
        {%- if step.driving_key not in reached -%}
            {{ exceptions.raise_compiler_error(
                "millrace: " ~ model.name ~ ": bridge(): step " ~ loop.index ~ " begins at " ~ step.driving_key
                ~ ", which no step before leads to. Known so far: " ~ reached | join(', ') ~ "."
            ) }}
        {%- endif -%}
        {%- do refuse_several_relationships(step, loop.index) -%}
        {%- do reached.extend(step.hub_keys) -%}
        {%- do columns.extend([step.key] + step.hub_keys) -%}
        {%- do changes.append({'select': bridge_changes(key, steps, loop.index0)}) -%}
    {%- endfor -%}
    {%- do snapshots_config(key, snapshots) -%}
with

{{ wanted_snapshots(key, hub, ref(snapshots), changes) }},

{% for step in steps -%}
{%- set number = loop.index -%}
{%- if not loop.first -%}
driving_keys_{{ number }} as (

    select distinct {{ step.driving_key }}
    from step_{{ number - 1 }}

),

{% endif -%}
link_keys_{{ number }} as (

    select distinct {{ step.key }}
    from {{ step.relation }}
    where {{ step.driving_key }} in (
        select driving.{{ step.driving_key }} from {{ 'wanted_keys' if loop.first else 'driving_keys_' ~ number }} as driving
    )

),

turns_{{ number }} as (

    {{ satellite_versions(
        step.relation, step.key, [step.driving_key] + step.hub_keys + ['is_effective'], step.position, step.event_at or 'event_at',
        keys='link_keys_' ~ number
    ) }}

),

{% if loop.first -%}
first_turns as (

    select
        {{ key }},
        min(valid_from) as known_from
    from turns_1
    group by {{ key }}

),

{% endif -%}
step_{{ number }} as (

    select
        {{ 'wanted.' ~ key ~ ',\n        wanted.snapshot_at' if loop.first else 'before.*' }},
        {%- for column in [step.key] + step.hub_keys %}
        coalesce(turns_{{ number }}.{{ column }}, '{{ zero_key() }}') as {{ column }}{{ ',' if not loop.last }}
        {%- endfor %}
    from {{ 'wanted' if loop.first else 'step_' ~ (number - 1) ~ ' as before' }}
    {%- if loop.first %}
    inner join first_turns
        on wanted.{{ key }} = first_turns.{{ key }} and wanted.snapshot_at >= first_turns.known_from
    {%- endif %}
    {%- set before = 'wanted' if loop.first else 'before' %}
    left join turns_{{ number }}
        on
            {{ before }}.{{ step.driving_key }} = turns_{{ number }}.{{ step.driving_key }}
            and turns_{{ number }}.is_effective
            and {{ valid_at('turns_' ~ number, before ~ '.snapshot_at') }}

),

{% endfor -%}
changed as (

    {{ snapshots_not_stored('step_' ~ steps | length, key, columns) }}

)

select
    cast({{ key }} as {{ text_type(64) }}) as {{ key }},
    snapshot_at,
    {%- for column in columns %}
    cast({{ column }} as {{ text_type(64) }}) as {{ column }},
    {%- endfor %}
    {{ load_columns() }}
from changed
{%- endmacro %}


{#
    Stops where a step's satellite has several relationships at a time for the key that the step begins at: the bridge would have several rows
    for one key and snapshot, which no merge takes.
#}
{% macro refuse_several_relationships(step, number) %}
    {%- if execute -%}
        {%- for node in (graph.get('nodes') or {}).values() if node.resource_type == 'model' and node.name == relation_name(step.relation) -%}
            {%- set driving_keys = (node.config.get('meta') or {}).get('driving_keys') -%}
            {%- set relationships = node.config.meta.get('relationships') if driving_keys -%}
            {%- if driving_keys and (driving_keys != [step.driving_key] or relationships == 'as a set') -%}
                {{ exceptions.raise_compiler_error(
                    "millrace: " ~ model.name ~ ": bridge(): step " ~ number ~ " begins at " ~ step.driving_key ~ ", but " ~ node.name
                    ~ " has one relationship at a time for " ~ driving_keys | join(' and ') ~ (', and them as a set' if relationships == 'as a set')
                    ~ ": there would be several rows for one key and snapshot. Give the step an effectivity_satellite() with driving_keys=['"
                    ~ step.driving_key ~ "'] and relationships='one at a time'."
                ) }}
            {%- endif -%}
        {%- endfor -%}
    {%- endif -%}
{% endmacro %}


{# SELECT of the keys that a step's new rows touch, and since when: from the step back to the key that the bridge begins at. #}
{% macro bridge_changes(key, steps, last) -%}
{%- set at = namespace(number=last, joins='') -%}
{%- for back in range(last - 1, -1, -1) -%}
    {%- set driving_key = steps[at.number].driving_key -%}
    {%- if driving_key != key and driving_key in steps[back].hub_keys -%}
        {%- set at.joins = at.joins ~ '\ninner join ' ~ steps[back].relation ~ ' as turns_' ~ back ~ '\n    on turns_' ~ at.number
            ~ '.' ~ driving_key ~ ' = turns_' ~ back ~ '.' ~ driving_key -%}
        {%- set at.number = back -%}
    {%- endif -%}
{%- endfor -%}
select
    turns_{{ at.number }}.{{ key }},
    turns_{{ last }}.{{ steps[last].event_at or 'event_at' }} as changed_from
from {{ steps[last].relation }} as turns_{{ last }}
{{- at.joins }}
where {{ is_new_record(steps[last].relation, 'turns_' ~ last) }}
{%- endmacro %}
