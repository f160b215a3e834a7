{#
    Settings of agg_log_storage_costs, from the variable log_costs, with index_gb_per_day beside them. Stops where one is missing, unknown or no number.
#}
{% macro log_costs() %}
    {%- set given = var('log_costs', {}) -%}
    {%- set names = [
        'source_gb_per_day', 'index_overhead', 'free_space', 'zones', 'parquet_share', 'parquet_gb_month', 'direct_query_per_year'
    ] -%}
    {%- if given is not mapping or given.keys() | sort | list != names | sort -%}
        {{ exceptions.raise_compiler_error(
            "millrace: " ~ model.name ~ ": the variable log_costs has the keys " ~ names | join(', ') ~ "; got " ~ given ~ "."
        ) }}
    {%- endif -%}
    {%- for name in names if given[name] is not number or given[name] < 0 -%}
        {{ exceptions.raise_compiler_error(
            "millrace: " ~ model.name ~ ": log_costs." ~ name ~ " is a number, 0 or more; got " ~ given[name] ~ "."
        ) }}
    {%- endfor -%}
    {%- if given.zones < 1 or given.zones is float -%}
        {{ exceptions.raise_compiler_error("millrace: " ~ model.name ~ ": log_costs.zones is a whole number, 1 or more; got " ~ given.zones ~ ".") }}
    {%- endif -%}
    {{ return(dict(given, index_gb_per_day=(given.source_gb_per_day * (1 + given.index_overhead)) | round(6))) }}
{% endmacro %}
