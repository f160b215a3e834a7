{#
    What each usage type of S3 is charged for: the first rule whose pattern the usage type matches, its region left out, gives the kind of charge, the
    driver by which it is split, and the storage class and access tier whose objects count ('*': all of the bucket). A driver none: no inventory says
    what it is for, with the reason. After the usage types in the S3 User Guide, Understanding your AWS billing and usage reports.
    Drivers: stored bytes, small-object bytes, monitored objects, objects. Requests, retrieval and transfer are split by the access logs, early
    deletion by what the lists have no longer; where those do not tell, by what stands in the variable s3_fallback_drivers.
#}
{% macro s3_charge_rules() %}
    {%- set fallbacks = {'requests': 'objects', 'retrieval': 'stored bytes', 'data transfer': 'stored bytes', 'early deletion': 'stored bytes'} -%}
    {%- do fallbacks.update(var('s3_fallback_drivers', {})) -%}
    {%- for kind, driver in fallbacks.items() -%}
        {%- if driver not in ('objects', 'stored bytes', 'none') or kind not in ('requests', 'retrieval', 'data transfer', 'early deletion') -%}
            {{ exceptions.raise_compiler_error(
                "millrace: " ~ model.name ~ ": the variable s3_fallback_drivers names a driver (objects, stored bytes or none) for requests, retrieval, data "
                ~ "transfer or early deletion; got '" ~ driver ~ "' for '" ~ kind ~ "'."
            ) }}
        {%- endif -%}
    {%- endfor -%}
    {%- set rules = [] -%}
    {%- set classes = {
        'SIA-': ['STANDARD_IA', ''], 'ZIA-': ['ONEZONE_IA', ''], 'GIR-': ['GLACIER_IR', ''], 'RRS-': ['REDUCED_REDUNDANCY', ''],
        'XZ-': ['EXPRESS_ONEZONE', ''], 'GDA-': ['DEEP_ARCHIVE', ''], 'Glacier': ['GLACIER', ''],
        'INT-FA-': ['INTELLIGENT_TIERING', 'FREQUENT_ACCESS'], 'INT-IA-': ['INTELLIGENT_TIERING', 'INFREQUENT_ACCESS'],
        'INT-AIA-': ['INTELLIGENT_TIERING', 'ARCHIVE_INSTANT_ACCESS'], 'INT-AA-': ['INTELLIGENT_TIERING', 'ARCHIVE_ACCESS'],
        'INT-DAA-': ['INTELLIGENT_TIERING', 'DEEP_ARCHIVE_ACCESS'], '': ['STANDARD', ''],
    } -%}
    {#- these end as those of buckets do -#}
    {%- for kind, pattern in {'table buckets': 'Tables', 'vector buckets': 'Vectors', 'file systems': 'Files'}.items() -%}
        {%- do rules.append(['^' ~ pattern ~ '-', kind, 'none', '', '', 'objects of ' ~ kind ~ ' are in no inventory']) -%}
    {%- endfor -%}
    {%- set managed = [
        'BatchOperations-', 'Metadata-', 'Annotation-', 'BytesDeleted-', 'OverwriteBytes-', 'StorageObjectCount', 'Inventory-', 'StorageAnalytics-',
        'StorageLens', 'TagStorage-', 'Monitored', 'Replication-', 'S3-Metadata',
    ] -%}
    {%- do rules.append(['^(' ~ managed | join('|') ~ ')', 'management', 'objects', '*', '*', '']) -%}
    {%- do rules.append(['^S3DSSE-', 'management', 'stored bytes', '*', '*', '']) -%}
    {%- do rules.append(['^TimedStorage-(Glacier|GDA-|GDA)Staging', 'unfinished uploads', 'none', '', '', 'parts of unfinished uploads are in no inventory']) -%}
    {%- for sign, class in classes.items() -%}
        {%- do rules.append(['^TimedStorage-' ~ sign ~ 'ByteHrs$', 'storage', 'stored bytes', class[0], class[1], '']) -%}
        {%- do rules.append(['^TimedStorage-' ~ sign ~ 'SmObjects$', 'small objects', 'small-object bytes', class[0], class[1], '']) -%}
    {%- endfor -%}
    {#- whose objects went before their time is told by the lists (vanished bytes); where those do not tell, it is what is stored in the class -#}
    {%- for sign, class in {'SIA': 'STANDARD_IA', 'ZIA': 'ONEZONE_IA', 'GIR': 'GLACIER_IR', 'GDA': 'DEEP_ARCHIVE', 'ByteHrs': 'GLACIER', '': '*'}.items() -%}
        {%- set driver = fallbacks['early deletion'] -%}
        {%- set is_narrow = driver == 'stored bytes' and class != '*' -%}
        {%- do rules.append([
            '^EarlyDelete-' ~ (sign ~ '(-SmObjects|-ByteHrs)?$' if sign else ''), 'early deletion', driver, class if is_narrow or driver == 'none' else '*', '' if is_narrow else '*',
            'no list says what was deleted, and the variable s3_fallback_drivers names no driver' if driver == 'none' else ''
        ]) -%}
    {%- endfor -%}
    {%- set wide = {
        '^Requests-|^Upload-': 'requests', '(^|-)Retrieval-|-Retrieval-Bytes$|^Select-|^Standard-Retrieval|^Bulk-Retrieval': 'retrieval',
        '^DataTransfer-|(In|Out)-(OBytes|ABytes|Bytes|ABytes-T[12])$|-Bytes-(In|Out)|^CloudFront-|^MRAP-|^S3RTC-|^S3-ACC|^AWS-(In|Out)': 'data transfer',
    } -%}
    {%- for pattern, kind in wide.items() -%}
        {%- do rules.append([
            pattern, kind, fallbacks[kind], '*', '*', 'no access log, and the variable s3_fallback_drivers names no driver' if fallbacks[kind] == 'none' else ''
        ]) -%}
    {%- endfor -%}
    {%- do rules.append(['^Monitoring-Automation-INT', 'monitoring', 'monitored objects', 'INTELLIGENT_TIERING', '*', '']) -%}
    {%- do rules.append(['^Global-Bucket-Hrs', 'buckets', 'objects', '*', '*', '']) -%}
    {{ return(rules) }}
{% endmacro %}


{#
    CASE over the rules of s3_charge_rules() for one of their parts: 1 kind, 2 driver, 3 storage class, 4 access tier, 5 reason.
    usage_type: SQL expression, without its region. otherwise: SQL for what no rule knows.
#}
{% macro s3_charge_rule(usage_type, part, otherwise) -%}
    case
        {%- for rule in s3_charge_rules() %}
        when {{ matches_pattern(usage_type, rule[0]) }} then {{ sql_literal(rule[part]) }}
        {%- endfor %}
        else {{ otherwise }}
    end
{%- endmacro %}


{# Storage classes and access tiers whose objects have 32 KiB of index at their own rate and 8 KiB of name at the rate of STANDARD. #}
{% macro is_archived(storage_class, access_tier) -%}
    ({{ storage_class }} in ('GLACIER', 'DEEP_ARCHIVE') or {{ access_tier }} in ('ARCHIVE_ACCESS', 'DEEP_ARCHIVE_ACCESS'))
{%- endmacro %}


{#
    Gigabyte months of byte-hours, as the bill counts them: GB of 2^30 bytes, months as long as the one in which they were stored.
    byte_hours: SQL expression. days: SQL expression, days of the month.
#}
{% macro gigabyte_months(byte_hours, days) -%}
    cast({{ byte_hours }} as {{ float_type() }}) / 1073741824 / (24 * {{ days }})
{%- endmacro %}


{# The variable s3_cost_measure: unblended, blended, net_unblended or amortised. Stops for another. #}
{% macro s3_cost_measure() %}
    {%- set measure = var('s3_cost_measure', 'unblended') -%}
    {%- if measure not in ('unblended', 'blended', 'net_unblended', 'amortised') -%}
        {{ exceptions.raise_compiler_error(
            "millrace: " ~ model.name ~ ": the variable s3_cost_measure is '" ~ measure ~ "'. It should be unblended, blended, net_unblended or amortised."
        ) }}
    {%- endif -%}
    {{ return(measure ~ '_cost') }}
{% endmacro %}
