{#
    Computed satellite of the business vault: what a rule makes of the versions of another satellite. Insert-only; recomputes the keys whose
    versions are new. rule_version names the rule as it is: with another one everything is computed once more beside what the old rule
    gave, and readers ask for the rule they trust (satellite_versions(..., where="rule_version = '2'")). Each rule has read as far as it has
    been used: back at an older one, what came in the meantime is computed by it too.
    satellite: ref() of the satellite to read. inputs: its columns that the rule reads. computed: names and expressions over the inputs. The
    other arguments as in satellite(); booleans and timestamps among the computed columns are named.
    Columns: key, event order, rule_version, hashdiff, the computed columns, load columns.
#}
{% macro computed_satellite(
    key, satellite, inputs, computed, position, rule_version, event_at='event_at', timestamps=[], booleans=[]
) %}
    {%- do require_arguments('computed_satellite', {
        'key': key, 'satellite': satellite, 'inputs': inputs, 'computed': computed, 'position': position, 'rule_version': rule_version
    }) -%}
    {%- do refuse_unique_key('computed_satellite') -%}
    {{- config(dist=key, sort=[key, event_at], meta={'rule_version': rule_version | string}) -}}
    {%- set event_order = [event_at] + position -%}
    {%- set names = computed.keys() | list -%}
with
{%- if is_incremental() %}

touched_keys as (

    select distinct {{ key }}
    from {{ satellite }} as versions
    where
        {{ is_new_record(satellite, 'versions') | indent(8) }}
        or not exists (select 1 from {{ this }} as stored where stored.rule_version = '{{ rule_version }}')

),
{%- endif %}

versions as (

    {{ satellite_versions(
        satellite, key, inputs + (position | reject('in', inputs) | list), position, event_at,
        keys='touched_keys' if is_incremental() else none
    ) }}

),

computed as (

    select
        {{ key }},
        valid_from as {{ event_at }},
        {{ position | join(',\n        ') }},
        {%- for name, expression in computed.items() %}
        {{ expression }} as {{ name }}{{ ',' if not loop.last }}
        {%- endfor %}
    from versions

),

hashed as (

    select
        computed.*,
        cast('{{ rule_version }}' as {{ text_type(64) }}) as rule_version,
        {{ hashdiff(hashable(names, timestamps, booleans)) | indent(8) }} as hashdiff
    from computed

),

ordered as (

    select
        hashed.*,
        lag(hashdiff) over (
            partition by {{ key }} order by {{ (order_of_events(event_at, position) + ['hashdiff']) | join(', ') }}
        ) as previous_hashdiff
        {{- hashdiffs_at_place([key], event_at, position) }}
    from hashed

),

changes as (

    select
        ordered.*
        {{- looked_for(position) }}
    from ordered
    where previous_hashdiff is null or previous_hashdiff <> hashdiff

),

unknown as (

    {{ rows_not_stored('changes', [key, 'rule_version'] + event_order, condition=is_stored_payload('changes', position)) }}

)

select
    {{ ([key] + event_order) | join(',\n    ') }},
    rule_version,
    cast(hashdiff as {{ text_type(64) }}) as hashdiff,
    {{ names | join(',\n    ') }},
    {{ load_columns("'" ~ relation_name(satellite) ~ "'") }}
from unknown
{%- endmacro %}
