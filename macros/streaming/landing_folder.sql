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
    {%- set known = ['jsonl', 'json', 'csv', 'parquet', 'tabular', 'kinesis', 'firehose', 'text', 'inventory', 'manifest'] -%}
    {%- if format not in known -%}
        {{ exceptions.raise_compiler_error(
            "millrace: " ~ model.name ~ ": landing_format is '" ~ format ~ "'. Use " ~ known | join(', ')
            ~ " (docs/landing.md)."
        ) }}
    {%- endif -%}
    {{ return(format) }}
{% endmacro %}


{# Other names under which the columns of a landing model come in files (meta landing_names), each with the column that it is. #}
{% macro landing_names() %}
    {%- set names = (config.meta_get('landing_names', {}) or {}) if execute else {} -%}
    {%- if names is not mapping or names.values() | reject('in', config.meta_get('copied_columns', []) or []) | list -%}
        {{ exceptions.raise_compiler_error(
            "millrace: " ~ model.name ~ ": landing_names is " ~ names ~ ". It should be a mapping of names in the files to names of "
            ~ "copied_columns, for example {'VendorID': 'vendor_id'}."
        ) }}
    {%- endif -%}
    {{ return(names) }}
{% endmacro %}


{# What the plugin landing_files needs to know to look into the files, as JSON text. #}
{% macro landing_options() %}
    {%- set options = {'kind': landing_format()} -%}
    {#- records of Parquet that keep their types are read by DuckDB alone -#}
    {%- if execute and landing_format() in ('csv', 'tabular', 'inventory', 'json', 'parquet')
        and not (landing_format() == 'parquet' and config.get('materialized') == 'unloaded_files') -%}
        {%- do options.update({
            'header': config.meta_get('landing_header', true),
            'delimiter': config.meta_get('landing_delimiter', ','),
            'columns': config.meta_require('copied_columns'),
            'names': landing_names(),
        }) -%}
        {%- if options.header not in (true, 'auto') -%}
            {{ exceptions.raise_compiler_error(
                "millrace: " ~ model.name ~ ": landing_header is '" ~ options.header ~ "'. Use true, or auto where files come with and "
                ~ "without one."
            ) }}
        {%- endif -%}
        {%- if options.delimiter and options.delimiter | length != 1 -%}
            {{ exceptions.raise_compiler_error(
                "millrace: " ~ model.name ~ ": landing_delimiter is '" ~ options.delimiter ~ "'. Use one character, for example '|'."
            ) }}
        {%- endif -%}
    {%- endif -%}
    {%- if execute and config.meta_get('landing_unnest', none) -%}
        {%- do options.update({'unnest': landing_unnest()}) -%}
    {%- endif -%}
    {{ return(tojson(options) | replace("'", "''")) }}
{% endmacro %}


{# Name of the array whose elements are the records of a document (meta landing_unnest); none where the document is the record. #}
{% macro landing_unnest() %}
    {%- set array = (config.meta_get('landing_unnest', none) if execute else none) or none -%}
    {%- if array and (array is not string or not modules.re.match('^[A-Za-z_][A-Za-z0-9_]*$', array) or landing_format() not in ('firehose', 'kinesis')) -%}
        {{ exceptions.raise_compiler_error(
            "millrace: " ~ model.name ~ ": landing_unnest is '" ~ array ~ "' on files of the format " ~ landing_format() ~ ". It should be the name "
            ~ "of a field of each document that holds an array, for example logEvents, on the format firehose or kinesis."
        ) }}
    {%- endif -%}
    {{ return(array) }}
{% endmacro %}
