{#
    What the bill calls the operations of the access logs, and the tier it charges them in; '' where it takes nothing (deletes, cancels) or where the
    log has the half of a request that is not charged. After Understanding your AWS billing and usage reports: PUT, COPY, POST and every kind of
    listing are tier 1, what reads is tier 2.
#}
{% macro s3_request_rules() %}
    {{ return({
        'REST.PUT.OBJECT': ['PutObject', '1'], 'REST.POST.OBJECT': ['PostObject', '1'], 'REST.COPY.OBJECT': ['CopyObject', '1'],
        'REST.COPY.OBJECT_GET': ['', ''], 'REST.POST.UPLOADS': ['InitiateMultipartUpload', '1'], 'REST.PUT.PART': ['UploadPart', '1'],
        'REST.COPY.PART': ['UploadPartCopy', '1'], 'REST.COPY.PART_GET': ['', ''], 'REST.POST.UPLOAD': ['CompleteMultipartUpload', '1'],
        'REST.DELETE.UPLOAD': ['', ''], 'REST.POST.MULTI_OBJECT_DELETE': ['', ''], 'REST.GET.BUCKET': ['ListBucket', '1'], 'REST.GET.BUCKETVERSIONS': ['ListBucketVersions', '1'],
        'REST.GET.UPLOADS': ['ListBucketMultipartUploads', '1'], 'REST.GET.UPLOAD': ['ListMultipartUploadParts', '1'],
        'REST.GET.OBJECT': ['GetObject', '2'], 'REST.HEAD.OBJECT': ['HeadObject', '2'], 'REST.HEAD.BUCKET': ['HeadBucket', '2'],
        'REST.SELECT.OBJECT': ['SelectObjectContent', '2'], 'WEBSITE.GET.OBJECT': ['GetObject', '2'], 'WEBSITE.HEAD.OBJECT': ['HeadObject', '2'],
    }) }}
{% endmacro %}


{# CASE that gives what the bill calls an operation of the access logs, '' for what no rule knows. operation: SQL expression. #}
{% macro s3_billed_operation(operation) -%}
    case {{ operation }}
        {%- for name, rule in s3_request_rules().items() %}
        when '{{ name }}' then '{{ rule[0] }}'
        {%- endfor %}
        else ''
    end
{%- endmacro %}


{# CASE that gives the tier in which an operation is charged; what no rule knows goes by its method, '' for what is free. operation: SQL expression. #}
{% macro s3_request_tier(operation) -%}
    case
        when {{ operation }} in ('{{ s3_request_rules().keys() | join("', '") }}') then
            case {{ operation }}
                {%- for name, rule in s3_request_rules().items() if rule[1] %}
                when '{{ name }}' then '{{ rule[1] }}'
                {%- endfor %}
                else ''
            end
        when {{ matches_pattern(operation, '^(REST|SOAP|WEBSITE)[.](PUT|POST|COPY)[.]') }} then '1'
        when {{ matches_pattern(operation, '^(REST|SOAP|WEBSITE)[.](GET|HEAD|OPTIONS)[.]') }} then '2'
        else ''
    end
{%- endmacro %}
