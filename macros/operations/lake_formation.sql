{#
    Hook behind every model. On Athena, where the variable lake_formation_tags is true, it tags the table for Lake Formation by what the project
    says of it; grants stand on tags there. The tags and their values have to exist (docs/engines/athena.md).
#}
{% macro tag_for_lake_formation() %}{{ return(adapter.dispatch('tag_for_lake_formation', 'millrace')()) }}{% endmacro %}

{% macro default__tag_for_lake_formation() %}{{ return('') }}{% endmacro %}

{% macro athena__tag_for_lake_formation() %}
    {%- if execute and var('lake_formation_tags') | string | lower == 'true' -%}
        {%- do adapter.add_lf_tags(this, lake_formation_tags_of(model)) -%}
    {%- endif -%}
    {{ return('') }}
{% endmacro %}


{# Tags of a model's table: its layer, the group that owns it, and which columns its YAML classifies as personal. #}
{% macro lake_formation_tags_of(node) %}
    {%- set personal = personal_columns(node.name) -%}
    {{ return({
        'enabled': true,
        'tags': {'layer': node.fqn[1], 'owner': node.config.group or 'none'},
        'tags_columns': {'classification': {'personal': personal}} if personal else none,
    }) }}
{% endmacro %}
