{#
    The declared facts of a change feed: the entry of the variable change_feeds (dbt_project.yml) with its defaults filled in. Wrong
    facts stop with the model, the feed, the fact and the fix. docs/change_feeds.md describes each fact.
#}
{% macro change_feed(name) %}
    {%- set declared = var('change_feeds', {}).get(name) -%}
    {%- if not declared -%}
        {{ exceptions.raise_compiler_error(
            "millrace: " ~ model.name ~ ": there is no change feed '" ~ name ~ "'. Declare it under vars: change_feeds in dbt_project.yml "
            ~ "(docs/change_feeds.md); known are: " ~ var('change_feeds', {}).keys() | join(', ') ~ "."
        ) }}
    {%- endif -%}
    {%- set known = ['format', 'key', 'columns', 'operation', 'soft_delete', 'committed_at', 'change_sequence', 'snapshots', 'null_values',
        'deletes', 'partial', 'unavailable_value', 'stream'] -%}
    {%- for fact in declared -%}
        {%- if fact not in known -%}{{ refuse_change_feed(name, fact, declared[fact], "one of the facts " ~ known | join(', ')) }}{%- endif -%}
    {%- endfor -%}
    {%- set feed = {
        'name': name, 'format': 'columns', 'operation': none, 'soft_delete': none, 'committed_at': none, 'change_sequence': none,
        'snapshots': 'first', 'null_values': [], 'deletes': 'remove', 'partial': false, 'unavailable_value': none, 'stream': 'kinesis',
    } -%}
    {%- do feed.update(declared) -%}
    {%- for fact, values in {
        'format': ['columns', 'debezium', 'dynamodb', 'documents'], 'stream': ['kafka', 'kinesis', 'firehose'], 'snapshots': ['first', 'in order'], 'deletes': ['remove', 'keep'],
        'partial': [true, false],
    }.items() -%}
        {%- if feed[fact] not in values -%}{{ refuse_change_feed(name, fact, feed[fact], "one of " ~ values) }}{%- endif -%}
    {%- endfor -%}
    {%- if feed.columns is not mapping or not feed.columns -%}
        {{ refuse_change_feed(name, 'columns', feed.columns, "a mapping of column names to {from: source column, type: type}") }}
    {%- endif -%}
    {%- set columns = {} -%}
    {%- for column, facts in feed.columns.items() -%}
        {%- set facts = facts or {} -%}
        {%- set kind = facts.type | default('text') -%}
        {%- if kind.split('(')[0] not in ['text', 'integer', 'decimal', 'float', 'date', 'timestamp', 'boolean', 'json'] -%}
            {{ refuse_change_feed(name, 'type of ' ~ column, kind,
                "text, text(bytes), integer, decimal(precision, scale), float, date, timestamp, boolean or json") }}
        {%- endif -%}
        {%- set sources = facts.get('from', column) -%}
        {%- do columns.update({column: {
            'from': [sources] if sources is string else sources,
            'type': kind.split('(')[0],
            'size': kind.split('(')[1].rstrip(')').split(',') | map('int') | list if '(' in kind else [],
            'required': facts.required | default(false) or column in (feed.key or []),
            'prefix': facts.get('prefix'),
        }}) -%}
    {%- endfor -%}
    {%- do feed.update({'columns': columns}) -%}
    {%- if feed.key is string or not feed.key or feed.key | reject('in', columns.keys()) | list -%}
        {{ refuse_change_feed(name, 'key', feed.key, "a list of names from its columns (" ~ columns.keys() | join(', ')
            ~ "); a table without a key cannot be followed") }}
    {%- endif -%}
    {%- if feed.format == 'debezium' and not feed.operation -%}
        {%- do feed.update({'operation': {'insert': ['c'], 'update': ['u'], 'delete': ['d'], 'snapshot': ['r']}}) -%}
    {%- elif feed.format == 'dynamodb' and not feed.operation -%}
        {%- do feed.update({'operation': {'insert': ['INSERT'], 'update': ['MODIFY'], 'delete': ['REMOVE']}}) -%}
    {%- endif -%}
    {%- if feed.format == 'columns' and not feed.operation and not feed.soft_delete and feed.operation is not sameas false -%}
        {{ refuse_change_feed(name, 'operation', none, "{from: column, insert: [codes], update: [codes], delete: [codes]}, or soft_delete: "
            ~ "{from: column, values: [what marks a deleted row]}, or operation: false where every record is the row's new state") }}
    {%- endif -%}
    {{ return(feed) }}
{% endmacro %}


{% macro refuse_change_feed(name, fact, value, expected) %}
    {{ exceptions.raise_compiler_error(
        "millrace: " ~ model.name ~ ": change feed '" ~ name ~ "': '" ~ fact ~ "' is " ~ value ~ ". It should be " ~ expected
        ~ " (dbt_project.yml, vars: change_feeds)."
    ) }}
{% endmacro %}


{# SQL type of a declared column. #}
{% macro change_column_type(column) %}
    {%- if column.type == 'text' -%}{{ return(text_type(column.size[0] if column.size else 256)) }}{%- endif -%}
    {%- if column.type == 'json' -%}{{ return(text_type(65535)) }}{%- endif -%}
    {%- if column.type == 'decimal' -%}
        {{ return('decimal(' ~ (column.size or [18, 4]) | join(', ') ~ ')') }}
    {%- endif -%}
    {{ return({
        'integer': 'bigint', 'float': float_type(), 'date': 'date', 'timestamp': timestamp_type(), 'boolean': 'boolean'
    }[column.type]) }}
{% endmacro %}


{# Value of a declared column from its text; null where the text does not hold the type. #}
{% macro change_column_value(text, column) %}
    {%- if column.type in ('text', 'json') -%}{{ return(text) }}{%- endif -%}
    {%- if column.type == 'decimal' -%}
        {%- set size = column.size or [18, 4] -%}
        {{ return(to_decimal(text, size[0], size[1] if size | length > 1 else 0)) }}
    {%- endif -%}
    {%- if column.type == 'integer' -%}{{ return(to_integer(text)) }}{%- endif -%}
    {%- if column.type == 'float' -%}{{ return(to_float(text)) }}{%- endif -%}
    {%- if column.type == 'date' -%}{{ return(to_date(text)) }}{%- endif -%}
    {%- if column.type == 'timestamp' -%}{{ return(to_timestamp_utc(text)) }}{%- endif -%}
    {{ return(to_boolean(text)) }}
{% endmacro %}


{# What to say of a text that does not hold the type of its column. #}
{% macro change_column_complaint(column) %}
    {%- if column.type in ('text', 'json') -%}
        {{ return('is longer than ' ~ (column.size[0] if column.size else (256 if column.type == 'text' else 65534)) ~ ' bytes') }}
    {%- endif -%}
    {{ return({
        'integer': 'is no whole number', 'float': 'is no number', 'date': 'is no date', 'timestamp': 'is no timestamp',
        'boolean': 'is neither true nor false',
        'decimal': 'is no decimal number with ' ~ ((column.size + [0])[1] if column.size else 4) ~ ' digits',
    }[column.type]) }}
{% endmacro %}


{# Text that says exactly what the columns hold: as hash_text(), with blanks and case as they are. #}
{% macro exact_text(columns) -%}
    {%- for column in columns %}
    {{ "|| '|' || " if not loop.first }}coalesce(replace(replace({{ as_text(column) }}, '^', '^^'), '|', '^|'), '^0')
    {%- endfor %}
{%- endmacro %}
