{{ config(tags=['daily'], dist='even', sort='requested_on') }}
-- Grain: one row per bucket, day with logged requests, prefix, driver and group of operations: what of the driver the prefix had on that day.
-- request_group is an operation as the bill calls it, a tier of requests, or '*' for all.
with

requests as (

    select * from {{ ref('fct_s3_requests') }}

),

weights as (

    select
        bucket_name,
        requested_on,
        prefix,
        'logged requests' as driver,
        billed_operation as request_group,
        billed_requests as weight
    from requests
    where billed_operation <> ''

    union all

    select
        bucket_name,
        requested_on,
        prefix,
        'logged requests' as driver,
        'tier ' || request_tier as request_group,
        billed_requests as weight
    from requests
    where request_tier <> ''

    union all

    select
        bucket_name,
        requested_on,
        prefix,
        'logged bytes' as driver,
        '*' as request_group,
        bytes_sent as weight
    from requests

)

select
    bucket_name,
    requested_on,
    prefix,
    cast(driver as {{ text_type(32) }}) as driver,
    cast(request_group as {{ text_type(128) }}) as request_group,
    cast(sum(weight) as bigint) as weight
from weights
where weight > 0
group by bucket_name, requested_on, prefix, driver, request_group
