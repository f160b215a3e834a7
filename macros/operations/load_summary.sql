{#
    Prints per source how many records were landed, accepted, duplicate and quarantined, over all loads.
    dbt run-operation load_summary
#}
{% macro load_summary() %}
    {%- if execute -%}
        {%- set accounting = api.Relation.create(
            database=target.database, schema=generate_schema_name('marts', none), identifier='fct_load_accounting'
        ) -%}
        {%- set query -%}
            select
                source_name,
                sum(delivered_records) as landed,
                sum(accepted_records) as accepted,
                sum(duplicate_records) as duplicate,
                sum(quarantined_records) as quarantined
            from {{ accounting }}
            group by source_name
            order by source_name
        {%- endset -%}
        {%- set line = '%-26s %10s %10s %10s %12s' -%}
        {{ print('') }}
        {{ print(line | format('Source', 'landed', 'accepted', 'duplicate', 'quarantined')) }}
        {%- for row in run_query(query).rows -%}
            {{ print(line | format(row[0], row[1], row[2], row[3], row[4])) }}
        {%- endfor -%}
    {%- endif -%}
{% endmacro %}
