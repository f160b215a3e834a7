{# Folder that a landing model reads: the landing root and the model's landing_path. #}
{% macro landing_folder() %}
    {%- set path = config.meta_get('landing_path') -%}
    {%- if not path -%}
        {{ exceptions.raise_compiler_error(
            "millrace: " ~ model.name ~ ": the config meta 'landing_path' is missing. Set it to the folder under the landing root, "
            ~ "for example meta={'landing_path': 'kafka/orders'}."
        ) }}
    {%- endif -%}
    {{ return(var('landing_root').rstrip('/') ~ '/' ~ path.strip('/')) }}
{% endmacro %}


{# What the keys of a landing model's files begin with: its folder, and the meta landing_prefix where only some of its files are meant. #}
{% macro landing_prefix() %}
    {%- if not execute -%}{{ return('') }}{%- endif -%}
    {{ return(landing_folder() ~ '/' ~ (config.meta_get('landing_prefix', '') or '')) }}
{% endmacro %}


{# The format of a landing model's files. #}
{% macro landing_format() %}
    {#- while dbt parses, the config is not there yet -#}
    {%- set format = config.meta_get('landing_format', 'jsonl') or 'jsonl' -%}
    {%- set known = ['jsonl', 'json', 'csv', 'parquet', 'tabular', 'kinesis', 'firehose', 'text', 'inventory'] -%}
    {%- if format not in known -%}
        {{ exceptions.raise_compiler_error(
            "millrace: " ~ model.name ~ ": landing_format is '" ~ format ~ "'. Use " ~ known | join(', ')
            ~ " (docs/landing.md)."
        ) }}
    {%- endif -%}
    {{ return(format) }}
{% endmacro %}


{# What the plugin landing_files needs to know to look into the files, as JSON text. #}
{% macro landing_options() %}
    {%- set options = {'kind': landing_format()} -%}
    {%- if execute and landing_format() in ('csv', 'tabular', 'inventory') -%}
        {%- do options.update({
            'header': config.meta_get('landing_header', true),
            'delimiter': config.meta_get('landing_delimiter', ','),
            'columns': config.meta_require('copied_columns'),
        }) -%}
        {%- if options.header not in (true, 'auto') -%}
            {{ exceptions.raise_compiler_error(
                "millrace: " ~ model.name ~ ": landing_header is '" ~ options.header ~ "'. Use true, or auto where files come with and "
                ~ "without one."
            ) }}
        {%- endif -%}
    {%- endif -%}
    {{ return(tojson(options) | replace("'", "''")) }}
{% endmacro %}
