{#
    Point-in-time table: which version of each satellite was valid at each snapshot, so that a reader joins by equality. Grain: one row per
    key and snapshot from the first moment on at which a satellite knows the key. Columns: the key, snapshot_at, the version key of each
    satellite (the ghost record's where it knew nothing), loaded_at, load_id.

    A load writes the snapshots that are new, and of the others exactly the (key, snapshot) pairs whose answer a late record changed: found
    by a range join from the record's event time on, merged over the rows that are there. Readers see the old rows or the new ones, never
    none. Snapshots that left the spine are removed behind the load.

    key: hash key column. hub: ref() of the hub. satellites: list of {'relation': ref(), 'version_key': name, 'position': [...]}, each
    with 'event_at' where that is not event_at. snapshots: name of a model made by snapshot_spine().
#}
{% macro point_in_time(key, hub, satellites, snapshots) %}
    {%- do require_arguments('point_in_time', {'key': key, 'hub': hub, 'satellites': satellites, 'snapshots': snapshots}) -%}
    {%- for satellite in satellites -%}
        {%- do require_arguments('point_in_time', {
            'satellites': satellite.relation and satellite.version_key and satellite.position
        }) -%}
    {%- endfor -%}
    {%- do snapshots_config(key, snapshots) -%}
    {%- set version_keys = satellites | map(attribute='version_key') | list -%}
with

{{ wanted_snapshots(key, hub, ref(snapshots), satellites) }},

{% for satellite in satellites -%}
versions_{{ loop.index }} as (

    {{ satellite_versions(
        satellite.relation, key, [satellite.version_key], satellite.position, satellite.event_at or 'event_at', keys='wanted_keys'
    ) }}

),

{% endfor -%}
picked as (

    select
        wanted.{{ key }},
        wanted.snapshot_at,
        {%- for version_key in version_keys %}
        coalesce(versions_{{ loop.index }}.{{ version_key }}, '{{ zero_key() }}') as {{ version_key }}{{ ',' if not loop.last }}
        {%- endfor %}
    from wanted
    {%- for satellite in satellites %}
    {%- set versions = 'versions_' ~ loop.index %}
    left join {{ versions }}
        on
            wanted.{{ key }} = {{ versions }}.{{ key }}
            and {{ valid_at(versions, 'wanted.snapshot_at') }}
    {%- endfor %}
    where
        {% for version_key in version_keys -%}
        versions_{{ loop.index }}.{{ version_key }} is not null{{ '\n        or ' if not loop.last }}
        {%- endfor %}

),

changed as (

    {{ snapshots_not_stored('picked', key, version_keys) }}

)

select
    cast({{ key }} as {{ text_type(64) }}) as {{ key }},
    snapshot_at,
    {%- for version_key in version_keys %}
    cast({{ version_key }} as {{ text_type(64) }}) as {{ version_key }},
    {%- endfor %}
    {{ load_columns() }}
from changed
{%- endmacro %}


{# Predicate: the version was valid at the moment. #}
{% macro valid_at(versions, moment) -%}
    {{ versions }}.valid_from <= {{ moment }} and ({{ versions }}.valid_to is null or {{ versions }}.valid_to > {{ moment }})
{%- endmacro %}


{#
    CTEs: `wanted`, the (key, snapshot) pairs to look at, and `wanted_keys`. All keys for snapshots that are new; for the others the keys
    with new rows, from the earliest of these on.
    changes: list of {'relation', 'event_at', 'key' where it is not the table's, 'select' instead of the relation}.
#}
{% macro wanted_snapshots(key, hub, snapshots, changes) %}
{%- if is_incremental() -%}
stored_snapshots as (

    select distinct snapshot_at
    from {{ this }}

),

touched as (

    select
        {{ key }},
        min(changed_from) as changed_from
    from (
        {%- for change in changes %}
        {%- if change.select %}
        {{ change.select | indent(8) }}
        {%- else %}
        select
            changes.{{ change.key or key }} as {{ key }},
            changes.{{ change.event_at or 'event_at' }} as changed_from
        from {{ change.relation }} as changes
        where {{ is_new_record(change.relation, 'changes') | indent(8) }}
        {%- endif %}
        {{- '\n\n        union all\n' if not loop.last }}
        {%- endfor %}
    ) as changes
    group by {{ key }}

),

wanted as (

    select
        hub.{{ key }},
        spine.snapshot_at
    from {{ hub }} as hub
    cross join {{ snapshots }} as spine
    left join stored_snapshots
        on spine.snapshot_at = stored_snapshots.snapshot_at
    where stored_snapshots.snapshot_at is null

    union all

    select
        touched.{{ key }},
        spine.snapshot_at
    from touched
    inner join {{ snapshots }} as spine
        on spine.snapshot_at >= touched.changed_from
    inner join stored_snapshots
        on spine.snapshot_at = stored_snapshots.snapshot_at

),
{%- else -%}
wanted as (

    select
        hub.{{ key }},
        spine.snapshot_at
    from {{ hub }} as hub
    cross join {{ snapshots }} as spine

),
{%- endif %}

wanted_keys as (

    select distinct {{ key }}
    from wanted

)
{%- endmacro %}


{# SELECT of the rows of a CTE that the table does not have as they are, by key and snapshot. #}
{% macro snapshots_not_stored(rows, key, columns) -%}
    select {{ rows }}.*
    from {{ rows }}
    {%- if is_incremental() %}
    left join {{ this }} as stored
        on {{ rows }}.{{ key }} = stored.{{ key }} and {{ rows }}.snapshot_at = stored.snapshot_at
    where
        stored.{{ key }} is null
        {%- for column in columns %}
        or stored.{{ column }} <> {{ rows }}.{{ column }}
        {%- endfor %}
    {%- endif %}
{%- endmacro %}


{# How a table of snapshots is loaded: merged by key and snapshot, and what left the spine goes. snapshots: name of the spine's model. #}
{% macro snapshots_config(key, snapshots) %}
    {%- do config(
        incremental_strategy='merge', unique_key=[key, 'snapshot_at'], dist=key, sort=[key, 'snapshot_at'],
        post_hook="{{ forget_snapshots('" ~ snapshots ~ "') }}",
    ) -%}
{% endmacro %}


{# Hook behind the load of a table of snapshots: what left the spine goes. snapshots: name of the spine's model. #}
{% macro forget_snapshots(snapshots) %}
    {%- if reads_less_than_there_is() -%}{{ return('') }}{%- endif -%}
    {{ return("delete from " ~ this ~ " where snapshot_at not in (select spine.snapshot_at from " ~ ref(snapshots) ~ " as spine)") }}
{% endmacro %}
