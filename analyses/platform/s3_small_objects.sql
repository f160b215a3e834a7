-- Grain: one row per bucket, prefix and infrequent-access class: objects below 128 KiB on the last day with an inventory, which are charged as if they had
-- them, and the GB that nobody stored.
with

latest as (

    {{ latest_s3_storage() | indent(4) }}

)

select
    bucket_name,
    prefix,
    storage_class,
    sum(objects) as objects,
    sum(small_objects) as small_objects,
    cast(sum(missing_small_bytes) as {{ float_type() }}) / 1073741824 as missing_gigabytes
from latest
where
    storage_class in ('STANDARD_IA', 'ONEZONE_IA', 'GLACIER_IR')
    and small_objects > 0
group by bucket_name, prefix, storage_class
order by missing_gigabytes desc, bucket_name asc, prefix asc
