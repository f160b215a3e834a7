{#
    Slowly changing dimension over a hub and its satellites: the whole body of a dim_ model. Reads the keys that new rows touch.

    type 0  one row per key, the first values known;
    type 1  one row per key, the latest values;
    type 2  one row per key and version: each change of any satellite begins one;
    type 3  as type 1, with previous_<column>: the value before the latest change of that column;
    type 6  as type 2, with current_<column>: the latest value on every version.

    The versions of a key leave no moment out: before the first thing known there is an inferred version from the beginning of time
    (1900-01-01; none where something is known from then or before), and a key of which nothing is known yet has that one alone, so that facts find a version for every moment (join by the key and
    valid_at(), or by the dimension's version key). The zero key is the unknown member; the member of not applicable has a key of f's.
    A version that a late record took away is removed; is_removed marks it on its way and is always false in the table.

    key: hash key column. version_key: name of the version's key (types 2 and 6). hub: ref() of the hub. business_keys: its columns to
    carry. satellites: list of {'relation': ref(), 'payload': [...], 'position': [...]}, each with 'event_at' where that is not event_at,
    and with 'booleans': [...], those of the payload that are, for type 3. Names of payload columns differ between satellites.
#}
{% macro slowly_changing_dimension(type, key, hub, business_keys, satellites, version_key=none) %}
    {%- do require_arguments('slowly_changing_dimension', {
        'key': key, 'hub': hub, 'business_keys': business_keys, 'satellites': satellites
    }) -%}
    {%- if type not in (0, 1, 2, 3, 6) -%}
        {{ exceptions.raise_compiler_error(
            "millrace: " ~ model.name ~ ": slowly_changing_dimension(): type is 0, 1, 2, 3 or 6, got " ~ type ~ "."
        ) }}
    {%- endif -%}
    {%- if (type in (2, 6)) != (version_key is not none) -%}
        {{ exceptions.raise_compiler_error(
            "millrace: " ~ model.name ~ ": slowly_changing_dimension(): types 2 and 6 need a version_key, the others take none; got type "
            ~ type ~ " with version_key " ~ version_key ~ "."
        ) }}
    {%- endif -%}
    {%- if version_key -%}
        {{- config(
            materialized='incremental', unique_key=version_key, incremental_strategy=current_state_strategy(), dist=key,
            sort=[key, 'valid_from'], meta={'removal_flag': 'is_removed'}
        ) -}}
        {%- do current_state_conditions('is_removed') -%}
    {%- else -%}
        {{- config(materialized='incremental', unique_key=key, incremental_strategy='merge', dist=key, sort=key) -}}
    {%- endif -%}
    {%- set payload = [] -%}
    {%- set booleans = [] -%}
    {%- for satellite in satellites -%}
        {%- do payload.extend(satellite.payload) -%}
        {%- do booleans.extend(satellite.booleans or []) -%}
    {%- endfor -%}
    {%- if payload | length != payload | unique | list | length -%}
        {{ exceptions.raise_compiler_error(
            "millrace: " ~ model.name ~ ": slowly_changing_dimension(): two satellites carry a column of the same name ("
            ~ payload | join(', ') ~ "). Carry it from one of them."
        ) }}
    {%- endif -%}
    {%- set not_applicable = 'f' * digest_length() -%}
with

touched as (

    select hub.{{ key }}
    from {{ hub }} as hub
    where {{ is_new_record(hub, 'hub') }}
    {%- for satellite in satellites %}

    union

    select satellite.{{ key }}
    from {{ satellite.relation }} as satellite
    where {{ is_new_record(satellite.relation, 'satellite') }}
    {%- endfor %}

),

{% for satellite in satellites -%}
versions_{{ loop.index }} as (

    {{ satellite_versions(
        satellite.relation, key, satellite.payload, satellite.position, satellite.event_at or 'event_at', keys='touched'
    ) }}

),

{% endfor -%}
changes_known as (
    {%- for satellite in satellites %}

    select
        {{ key }},
        valid_from
    from versions_{{ loop.index }}
    where valid_to is null or valid_to > valid_from
    {{- '\n\n    union\n' if not loop.last }}
    {%- endfor %}

),

moments as (

    select
        {{ key }},
        valid_from
    from changes_known

    union

    -- nothing is known before the first change
    select
        touched.{{ key }},
        {{ earliest_timestamp() }} as valid_from
    from touched
    left join changes_known
        on touched.{{ key }} = changes_known.{{ key }} and changes_known.valid_from <= {{ earliest_timestamp() }}
    where changes_known.{{ key }} is null

),

spans as (

    select
        {{ key }},
        valid_from,
        lead(valid_from) over (partition by {{ key }} order by valid_from) as valid_to,
        row_number() over (partition by {{ key }} order by valid_from) as version_number
    from moments

),

members as (

    select
        spans.{{ key }},
        {%- for column in business_keys %}
        hub.{{ column }},
        {%- endfor %}
        {%- for satellite in satellites %}
        {%- set versions = 'versions_' ~ loop.index %}
        {%- for column in satellite.payload %}
        {{ versions }}.{{ column }},
        {%- endfor %}
        {%- endfor %}
        spans.valid_from,
        spans.valid_to,
        cast(spans.version_number as bigint) as version_number,
        spans.valid_to is null as is_current,
        {% for satellite in satellites -%}
        versions_{{ loop.index }}.{{ key }} is null{{ ' and ' if not loop.last }}
        {%- endfor %} as is_inferred
    from spans
    inner join {{ hub }} as hub
        on spans.{{ key }} = hub.{{ key }}
    {%- for satellite in satellites %}
    {%- set versions = 'versions_' ~ loop.index %}
    left join {{ versions }}
        on
            spans.{{ key }} = {{ versions }}.{{ key }}
            and {{ valid_at(versions, 'spans.valid_from') }}
    {%- endfor %}

),

{% if type == 3 -%}
neighbours as (

    select
        members.*,
        lag(version_number) over (partition by {{ key }} order by valid_from) as number_before
        {%- for column in payload %},
        lag({{ column }}) over (partition by {{ key }} order by valid_from) as before_{{ column }}
        {%- endfor %}
    from members
    where not is_inferred

),

changes as (

    select
        neighbours.*
        {%- for column in payload %},
        {%- set changed -%}
        number_before is not null and coalesce({{ column }} <> before_{{ column }}, ({{ column }} is null) <> (before_{{ column }} is null))
        {%- endset %}
        row_number() over (
            partition by {{ key }}, case when {{ changed }} then 1 else 0 end order by valid_from desc
        ) = 1 and {{ changed }} as is_latest_of_{{ column }}
        {%- endfor %}
    from neighbours

),

previous_values as (

    select
        {{ key }}
        {%- for column in payload %},
        {{ 'bool_or' if column in booleans else 'max' }}(case when is_latest_of_{{ column }} then before_{{ column }} end) as previous_{{ column }}
        {%- endfor %}
    from changes
    group by {{ key }}

),

{% endif -%}
rows_of_type as (

    select
        {%- if version_key %}
        {{ hash_key(['members.' ~ key, elapsed_us(earliest_timestamp(), 'members.valid_from')]) | indent(8) }} as {{ version_key }},
        {%- endif %}
        members.{{ ([key] + business_keys + payload) | join(',\n        members.') }},
        {%- for column in payload if type == 3 %}
        previous_values.previous_{{ column }},
        {%- endfor %}
        {%- for column in payload if type == 6 %}
        first_value(members.{{ column }}) over (
            partition by members.{{ key }} order by members.valid_from desc rows between unbounded preceding and unbounded following
        ) as current_{{ column }},
        {%- endfor %}
        members.valid_from,
        {%- if version_key %}
        members.valid_to,
        members.version_number,
        members.is_current,
        {%- endif %}
        members.is_inferred,
        members.{{ key }} = '{{ zero_key() }}' as is_unknown
    from members
    {%- if type == 3 %}
    left join previous_values
        on members.{{ key }} = previous_values.{{ key }}
    {%- elif type == 0 %}
    inner join (
        select
            {{ key }},
            min(case when not is_inferred then version_number end) as first_known
        from members
        group by {{ key }}
    ) as beginnings
        on
            members.{{ key }} = beginnings.{{ key }}
            and members.version_number = coalesce(beginnings.first_known, 1)
    {%- endif %}
    {%- if type in (1, 3) %}
    where members.is_current
    {%- endif %}
    {%- if not is_incremental() %}

    union all

    select
        {%- if version_key %}
        '{{ not_applicable }}' as {{ version_key }},
        {%- endif %}
        '{{ not_applicable }}' as {{ key }},
        nothing.{{ (business_keys + payload) | join(',\n        nothing.') }},
        {%- for column in payload if type in (3, 6) %}
        nothing.{{ column }} as {{ 'previous_' if type == 3 else 'current_' }}{{ column }},
        {%- endfor %}
        {{ earliest_timestamp() }} as valid_from,
        {%- if version_key %}
        nothing.valid_to,
        1 as version_number,
        true as is_current,
        {%- endif %}
        false as is_inferred,
        false as is_unknown
    from (select 1 as member) as not_applicable
    -- nulls of the columns' types
    left join members as nothing
        on 1 = 0
    {%- endif %}

)
{%- if not version_key %}

select * from rows_of_type
{%- elif not is_incremental() %}

select
    rows_of_type.*,
    false as is_removed
from rows_of_type
{%- else %},

-- in one pass: an engine that works a CTE out for each place that names it, as Athena does, would else do all of the above twice
known_and_new as (

    select
        rows_of_type.*,
        false as is_stored
    from rows_of_type

    union all

    select
        stored.{{ version_key }},
        stored.{{ ([key] + business_keys + payload) | join(',\n        stored.') }},
        {%- for column in payload if type == 6 %}
        stored.current_{{ column }},
        {%- endfor %}
        stored.valid_from,
        stored.valid_to,
        stored.version_number,
        stored.is_current,
        stored.is_inferred,
        stored.is_unknown,
        true as is_stored
    from {{ this }} as stored
    inner join touched
        on stored.{{ key }} = touched.{{ key }}

),

told_apart as (

    select
        known_and_new.*,
        min(case when is_stored then 1 else 0 end) over (partition by {{ version_key }}) as is_stored_alone
    from known_and_new

)

select
    {{ version_key }},
    {{ ([key] + business_keys + payload) | join(',\n    ') }},
    {%- for column in payload if type == 6 %}
    current_{{ column }},
    {%- endfor %}
    valid_from,
    valid_to,
    version_number,
    is_current,
    is_inferred,
    is_unknown,
    -- a version that a late record took away
    is_stored as is_removed
from told_apart
where not is_stored or is_stored_alone = 1
{%- endif %}
{%- endmacro %}
