{#
    Stops where a model reads what is new of another one whose YAML has no column loaded_at: no mark would be set on it, and every load would
    read everything. relation: ref() of the other model.
#}
{% macro refuse_unmarked_parent(relation) %}
    {%- if execute and model.resource_type == 'model' -%}
        {%- for id in model.depends_on.nodes -%}
            {%- set parent = graph.nodes.get(id) -%}
            {%- if parent and parent.resource_type == 'model' and parent.name == relation_name(relation) and 'loaded_at' not in parent.columns -%}
                {{ exceptions.raise_compiler_error(
                    "millrace: " ~ model.name ~ ": it reads what is new of " ~ parent.name ~ " by its column loaded_at, which the YAML of " ~ parent.name
                    ~ " does not name, so every load would read everything. Add to that YAML: columns: [{name: loaded_at}]."
                ) }}
            {%- endif -%}
        {%- endfor -%}
    {%- endif -%}
{% endmacro %}
