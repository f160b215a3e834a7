{#
    Prints per source how many records were landed, accepted, duplicate and quarantined, over all loads: the sums of the
    accounting_ models that are built. dbt run-operation load_summary
#}
{% macro load_summary() %}
    {%- if execute -%}
        {%- set queries = [] -%}
        {%- for node in graph.nodes.values() | sort(attribute='name') -%}
            {%- if
                node.resource_type == 'model' and node.name.startswith('accounting_')
                and adapter.get_relation(node.database, node.schema, node.alias) is not none
            -%}
                {%- do queries.append(load_summary_query(node)) -%}
            {%- endif -%}
        {%- endfor -%}
        {%- set line = '%-26s %10s %10s %10s %12s' -%}
        {{ print('') }}
        {{ print(line | format('Source', 'landed', 'accepted', 'duplicate', 'quarantined')) }}
        {%- for row in (run_query(queries | join('\nunion all\n') ~ '\norder by 1').rows if queries else []) -%}
            {{ print(line | format(row[0], row[1], row[2], row[3], row[4])) }}
        {%- endfor -%}
    {%- endif -%}
{% endmacro %}


{% macro load_summary_query(node) -%}
    select
        '{{ node.config.meta.source_name }}' as source_name,
        coalesce(sum(delivered_records), 0) as landed,
        coalesce(sum(accepted_records), 0) as accepted,
        coalesce(sum(duplicate_records), 0) as duplicate,
        coalesce(sum(quarantined_records), 0) as quarantined
    from {{ node.relation_name }}
{%- endmacro %}
