{#
    Stops where a feed of files with columns names a column that its landing model does not land; with the feed, the fact and the fix.
    feed: the facts, as change_feed() gives them. landing: name of the landing model. has_operation: whether its files have the operation.
#}
{% macro refuse_missing_columns(feed, landing, has_operation) %}
    {%- if not execute or model.resource_type == 'unit_test' -%}{{ return('') }}{%- endif -%}
    {%- set named = {} -%}
    {%- if has_operation and feed.operation -%}{%- do named.update({'operation': [feed.operation.from]}) -%}{%- endif -%}
    {%- if has_operation and feed.change_sequence -%}{%- do named.update({'change_sequence': [feed.change_sequence]}) -%}{%- endif -%}
    {%- if feed.soft_delete -%}{%- do named.update({'soft_delete': [feed.soft_delete.from]}) -%}{%- endif -%}
    {%- if feed.committed_at not in (none, 'arrival') -%}{%- do named.update({'committed_at': [feed.committed_at]}) -%}{%- endif -%}
    {%- for name, column in feed.columns.items() -%}{%- do named.update({'columns: ' ~ name: column.from}) -%}{%- endfor -%}
    {%- for id in model.depends_on.nodes -%}
        {%- set parent = graph.nodes.get(id) -%}
        {%- set landed = (parent.config.meta or {}).get('copied_columns', []) if parent and parent.name == landing else [] -%}
        {%- for fact, columns in named.items() if landed -%}
            {%- for column in columns if column | lower not in landed | map('lower') -%}
                {{ exceptions.raise_compiler_error(
                    "millrace: " ~ model.name ~ ": change feed '" ~ feed.name ~ "': '" ~ fact ~ "' names the column " ~ column ~ ", which " ~ landing
                    ~ " does not land. Add it to that model's columns, or name one of: " ~ landed | join(', ') ~ "."
                ) }}
            {%- endfor -%}
        {%- endfor -%}
    {%- endfor -%}
{% endmacro %}
