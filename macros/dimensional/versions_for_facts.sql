{#
    A satellite in its role as a dimension: the versions that facts refer to by the version key. A SELECT to put into a CTE: key, version
    key, payload, valid_from, valid_to. Every moment of a key has exactly one version: the first one reaches back to the beginning of
    time, so that a fact that is older than what is known of its member refers to the first thing known. A key without any version has
    no row: take the zero key for it (coalesce), whose ghost record stands for it until the member is known.
    Join: {{ valid_at('versions', 'facts.event_at') }} and the key.
    satellite: ref() of a satellite with a version key. keys: name of a CTE with the column `key`, to read these keys only.
#}
{% macro versions_for_facts(satellite, key, version_key, position, payload=[], event_at='event_at', keys=none) %}
    select
        {{ ([key, version_key] + payload) | join(',\n        ') }},
        case when version_number = 1 then {{ earliest_timestamp() }} else valid_from end as valid_from,
        valid_to
    from (
        {{ satellite_versions(satellite, key, [version_key] + payload, position, event_at, keys) | indent(4) }}
    ) as versions
{%- endmacro %}
