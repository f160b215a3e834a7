-- Grain: one row per bucket and prefix: objects without encryption at rest on the last day with an inventory. S3 encrypts every new object since
-- 5 January 2023: what is left is older, or was listed by a configuration without the field.
with

latest as (

    {{ latest_s3_storage() | indent(4) }}

)

select
    bucket_name,
    prefix,
    case when encryption_status = '' then 'not listed' else encryption_status end as encryption_status,
    sum(objects) as objects,
    sum(size_bytes) as size_bytes
from latest
where encryption_status in ('NOT-SSE', '') and version_kind <> 'delete marker'
group by bucket_name, prefix, encryption_status
order by size_bytes desc, bucket_name asc, prefix asc
