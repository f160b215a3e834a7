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


{% macro landing_format() %}
    {%- set format = config.meta_get('landing_format', 'jsonl') -%}
    {%- if format not in ('jsonl', 'csv') -%}
        {{ exceptions.raise_compiler_error(
            "millrace: " ~ model.name ~ ": landing_format is '" ~ format ~ "'. Use jsonl (.jsonl, .json, .ndjson) or csv (.csv), "
            ~ "each also with .gz."
        ) }}
    {%- endif -%}
    {{ return(format) }}
{% endmacro %}
