{#
    CTEs that say who owns what on which day; the last one is `owners`: bucket_name, prefix ('' for what has none), usage_on, team, cost_centre,
    data_set. Of the rules in ref_s3_owners that hold on the day the one with the longest prefix counts, then one with a tag that the bucket had on the
    day, then the one that names the bucket, then the newest. Rules are dated, so that what was allocated last month stays as it was. Patterns of the variable s3_owner_patterns come where
    no rule holds: regular expressions over bucket/prefix, the first that matches.
    parts: name of a CTE with bucket_name, prefix and usage_on.
#}
{% macro s3_owners_of(parts) -%}
owned_places as (

    select distinct
        bucket_name,
        coalesce(prefix, '') as prefix,
        usage_on
    from {{ parts }}

),

owner_rules as (

    select
        owned_places.bucket_name,
        owned_places.prefix,
        owned_places.usage_on,
        rules.team,
        rules.cost_centre,
        rules.data_set,
        row_number() over (
            partition by owned_places.bucket_name, owned_places.prefix, owned_places.usage_on
            order by
                coalesce(length(rules.prefix), case when rules.tag_value is null then -1 else 0 end) desc,
                case when rules.bucket_name = '*' then 1 else 0 end asc,
                rules.valid_from desc,
                rules.team asc
        ) as place
    from owned_places
    left join {{ ref('agg_s3_bucket_tags') }} as tags
        on owned_places.bucket_name = tags.bucket_name and owned_places.usage_on = tags.usage_on
    left join {{ ref('ref_s3_owners') }} as rules
        on
            (rules.bucket_name = owned_places.bucket_name or rules.bucket_name = '*')
            and substring(owned_places.prefix, 1, length(coalesce(rules.prefix, ''))) = coalesce(rules.prefix, '')
            and (rules.tag_value is null or rules.tag_value = tags.owner_tag)
            and owned_places.usage_on >= rules.valid_from
            and (rules.valid_to is null or owned_places.usage_on < rules.valid_to)

),

owners as (

    select
        bucket_name,
        prefix,
        usage_on,
        {%- for part in ('team', 'cost_centre', 'data_set') %}
        {%- set patterns = s3_owner_patterns() %}
        {%- if patterns %}
        coalesce({{ part }}, case
            {%- for rule in patterns %}
            when {{ matches_pattern("bucket_name || '/' || prefix", rule.pattern) }} then {{ sql_literal(rule.get(part, 'unowned')) }}
            {%- endfor %}
        end) as {{ part }}{{ ',' if not loop.last }}
        {%- else %}
        {{ part }}{{ ',' if not loop.last }}
        {%- endif %}
        {%- endfor %}
    from owner_rules
    where place = 1

)
{%- endmacro %}


{# The variable s3_owner_patterns: a list of {pattern, team, cost_centre, data_set}. Stops for an entry without pattern and team. #}
{% macro s3_owner_patterns() %}
    {%- set patterns = var('s3_owner_patterns', []) -%}
    {%- for rule in patterns -%}
        {%- if rule is not mapping or rule.get('pattern') is not string or rule.get('team') is not string or "'" in rule.pattern or '\\' in rule.pattern -%}
            {{ exceptions.raise_compiler_error(
                "millrace: " ~ model.name ~ ": the variable s3_owner_patterns needs a pattern (a regular expression without quotes and backslashes) and a team "
                ~ "in each entry, for example {pattern: '^lake/tmp', team: platform}; got " ~ rule ~ "."
            ) }}
        {%- endif -%}
    {%- endfor -%}
    {{ return(patterns) }}
{% endmacro %}
