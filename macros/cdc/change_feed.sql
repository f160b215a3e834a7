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
    {%- set feed = {
        'name': name, 'format': 'columns', 'operation': none, 'soft_delete': none, 'committed_at': none, 'change_sequence': none,
        'snapshots': 'first', 'null_values': [], 'deletes': 'remove', 'partial': false, 'unavailable_value': none, 'stream': 'kinesis',
        'decimals': 'as written', 'tombstones': 'repeat', 'extended_json': false,
    } -%}
    {%- do feed.update(declared) -%}
    {%- for fact, values in {
        'format': ['columns', 'debezium', 'dynamodb', 'documents'], 'stream': ['kafka', 'kinesis', 'firehose'], 'snapshots': ['first', 'in order'], 'deletes': ['remove', 'keep'],
        'partial': [true, false], 'decimals': ['as written', 'base64'], 'tombstones': ['repeat', 'delete'],
        'extended_json': [true, false],
    }.items() -%}
        {%- if feed[fact] not in values -%}{{ refuse_change_feed(name, fact, feed[fact], "one of " ~ values) }}{%- endif -%}
    {%- endfor -%}
    {%- set known = ['format', 'key', 'columns', 'operation', 'deletes', 'partial', 'unavailable_value'] + {
        'columns': ['soft_delete', 'committed_at', 'change_sequence', 'snapshots', 'null_values'],
        'debezium': ['soft_delete', 'decimals', 'tombstones', 'extended_json'],
        'dynamodb': [],
        'documents': ['soft_delete', 'committed_at', 'change_sequence', 'stream'],
    }[feed.format] -%}
    {%- for fact in declared -%}
        {%- if fact not in known -%}
            {{ refuse_change_feed(name, fact, declared[fact], "one of the facts that the format '" ~ feed.format ~ "' reads: " ~ known | join(', ')) }}
        {%- endif -%}
    {%- endfor -%}
    {%- if feed.columns is not mapping or not feed.columns -%}
        {{ refuse_change_feed(name, 'columns', feed.columns, "a mapping of column names to {from: source column, type: type}") }}
    {%- endif -%}
    {%- set own = [
        'change_id', 'change_kind', 'change_order', 'event_at', 'states_row', 'undeclared_columns', 'outcome', 'outcome_reason', 'record_text',
        'landing', 'refresh_time', 'arrived_at', 'loaded_at', 'load_id', 'is_deleted', 'is_current', 'valid_from', 'valid_to', 'version_number',
        'changed_at', 'columns_version',
    ] -%}
    {%- set columns = {} -%}
    {%- for column, facts in feed.columns.items() -%}
        {%- if column | lower in own -%}
            {{ refuse_change_feed(name, 'columns', column, "another name, with from: " ~ column ~ "; the project's own columns of a feed have this one") }}
        {%- endif -%}
        {%- set facts = facts or {} -%}
        {%- for fact in facts -%}
            {%- if fact not in ['from', 'type', 'required', 'prefix'] -%}
                {{ refuse_change_feed(name, fact ~ ' of ' ~ column, facts[fact], "one of from, type, required and prefix") }}
            {%- endif -%}
        {%- endfor -%}
        {%- if facts.get('from') is not none and facts.get('from') is not string and facts['from'] | length > 1 and feed.format != 'columns' -%}
            {{ refuse_change_feed(name, 'from of ' ~ column, facts['from'], "one name; only files (format columns) have their columns read by several") }}
        {%- endif -%}
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
    {%- if feed.format in ('debezium', 'dynamodb') and feed.operation and 'from' in feed.operation -%}
        {{ refuse_change_feed(name, 'operation', feed.operation, "without 'from': the format '" ~ feed.format ~ "' knows where the operation is") }}
    {%- endif -%}
    {%- if feed.format in ('columns', 'documents') and feed.operation and (feed.operation is not mapping or not feed.operation.get('from')) -%}
        {{ refuse_change_feed(name, 'operation', feed.operation, "{from: column, insert: [codes], update: [codes], delete: [codes]}, or false") }}
    {%- endif -%}
    {%- if feed.format == 'dynamodb' and feed.operation is sameas false -%}
        {{ refuse_change_feed(name, 'operation', false, "left out: DynamoDB says what each change is") }}
    {%- endif -%}
    {%- if feed.soft_delete is not none -%}
        {%- if feed.soft_delete is not mapping or not feed.soft_delete.get('from') or feed.soft_delete.get('values') is string
            or not feed.soft_delete.get('values') or feed.soft_delete.keys() | reject('in', ['from', 'values', 'present']) | list -%}
            {{ refuse_change_feed(name, 'soft_delete', feed.soft_delete,
                "{from: column, values: [what marks a deleted row], present: [what marks one that is there, where that is not the opposite]}") }}
        {%- endif -%}
    {%- endif -%}
    {%- if feed.format == 'debezium' and feed.operation is sameas false and 'tombstones' not in declared -%}
        {#- a flattened row without a word on what happened: deletes come as tombstones alone -#}
        {%- do feed.update({'tombstones': 'delete'}) -%}
    {%- endif -%}
    {%- if feed.format == 'debezium' and not feed.operation and feed.operation is not sameas false -%}
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


{# Whether a deleted row comes with what it holds: its record is the row, with a flag. Other deletes name the row, whatever image they carry. #}
{% macro deletes_state_rows(feed) %}
    {{ return(feed.soft_delete is not none and not feed.operation and feed.format in ('columns', 'documents')) }}
{% endmacro %}


{# The texts of a deleted flag, in lower case: {'deleted', 'present'}; present is none where every other text means a row that is there. #}
{% macro deleted_flag_words(feed) %}
    {%- set words = {'true': ['true', 't', 'yes', 'y', '1'], 'false': ['false', 'f', 'no', 'n', '0']} -%}
    {%- set deleted = (feed.soft_delete['values'] if feed.soft_delete else ['true']) | map('string') | map('lower') | list -%}
    {%- set present = feed.soft_delete.present | map('string') | map('lower') | list if feed.soft_delete and feed.soft_delete.present else none -%}
    {%- if present -%}{{ return({'deleted': deleted, 'present': present}) }}{%- endif -%}
    {%- for own, other in (('true', 'false'), ('false', 'true')) -%}
        {%- if not deleted | reject('in', words[own]) | list -%}
            {{ return({'deleted': words[own], 'present': words[other]}) }}
        {%- endif -%}
    {%- endfor -%}
    {{ return({'deleted': deleted, 'present': none}) }}
{% endmacro %}


{# Condition: the flag marks a deleted row. Never null. #}
{% macro is_deleted_flag(feed, flag) -%}
coalesce(lower({{ flag }}) in ('{{ deleted_flag_words(feed).deleted | join("', '") }}'), false)
{%- endmacro %}


{# Condition: the flag marks a row that is there, or is missing. #}
{% macro is_present_flag(feed, flag) -%}
{%- set present = deleted_flag_words(feed).present -%}
{{ 'coalesce(lower(' ~ flag ~ ") in ('" ~ present | join("', '") ~ "'), true)" if present is not none else 'true' }}
{%- endmacro %}


{# What to say of a flag that marks neither. #}
{% macro deleted_flag_complaint(feed) -%}
{{ feed.soft_delete.from if feed.soft_delete else '__deleted' }} is neither a mark of a deleted row nor of one that is there
{%- endmacro %}
