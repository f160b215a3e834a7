{#
    What a line of a bill is charged for, by its resource id: the name of a bucket, or an ARN of any partition (arn:aws, arn:aws-us-gov, arn:aws-cn).
    Source: the service authorization reference, resource types of Amazon S3, S3 Express, S3 Tables and S3 on Outposts.
    text: SQL expression with the resource id.
#}

{#
    Kind: bucket, prefix (of a bucket: lines of Storage Lens may be by prefix, and nothing else is known to be), directory bucket, table bucket,
    Storage Lens, access point, other; null where a line names no resource.
#}
{% macro kind_of_resource(text) -%}
case
    when {{ text }} is null then null
    when {{ text }} not like 'arn:%' and {{ text }} like '%/_%' then 'prefix'
    when {{ text }} not like 'arn:%' then 'bucket'
    when split_part({{ text }}, ':', 3) = 's3' and split_part({{ text }}, ':', 6) not like '%/%' then 'bucket'
    when split_part({{ text }}, ':', 3) = 's3' and split_part({{ text }}, ':', 5) = '' and split_part({{ text }}, ':', 6) like '%/_%' then 'prefix'
    when split_part({{ text }}, ':', 3) = 's3' and split_part({{ text }}, ':', 5) = '' then 'bucket'
    when split_part({{ text }}, ':', 3) = 's3express' and split_part({{ text }}, ':', 6) like 'bucket/%' then 'directory bucket'
    when split_part({{ text }}, ':', 3) = 's3tables' and split_part({{ text }}, ':', 6) like 'bucket/%' then 'table bucket'
    when split_part({{ text }}, ':', 6) like 'storage-lens%' then 'Storage Lens'
    when split_part({{ text }}, ':', 6) like 'accesspoint/%' then 'access point'
    else 'other'
end
{%- endmacro %}


{# Name of the bucket, directory bucket or table bucket; null where the line is about none. #}
{% macro bucket_of_resource(text) -%}
case
    when {{ kind_of_resource(text) }} in ('bucket', 'prefix') then case
        when {{ text }} like 'arn:%' then split_part(split_part({{ text }}, ':', 6), '/', 1)
        else split_part({{ text }}, '/', 1)
    end
    when {{ kind_of_resource(text) }} in ('directory bucket', 'table bucket') then split_part(split_part({{ text }}, ':', 6), '/', 2)
end
{%- endmacro %}
