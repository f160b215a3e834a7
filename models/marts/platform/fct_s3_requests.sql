{{ config(tags=['daily'], dist='even', sort='requested_on') }}
-- Grain: one row per bucket, day, prefix, operation and requester: the requests of the access logs, what the bill calls them, and the bytes they sent.
with

logged as (

    select
        bucket_name,
        requested_on,
        prefix,
        operation,
        requester,
        cast(sum(requests) as bigint) as requests,
        cast(sum(case when is_billed then requests else 0 end) as bigint) as billed_requests,
        cast(sum(bytes_sent) as bigint) as bytes_sent
    from {{ ref('stg_s3__access_logs') }}
    group by bucket_name, requested_on, prefix, operation, requester

)

select
    bucket_name,
    requested_on,
    prefix,
    operation,
    cast({{ s3_billed_operation('operation') | indent(4) }} as {{ text_type(64) }}) as billed_operation,
    cast({{ s3_request_tier('operation') | indent(4) }} as {{ text_type(8) }}) as request_tier,
    requester,
    requests,
    billed_requests,
    bytes_sent
from logged
