-- Grain: one row per bucket, prefix, infrequent-access class and currency: objects below 128 KiB on the last day with an inventory, which are charged as if
-- they had them, the GB that nobody stored, and what those cost in the bucket's last month: the bill has a usage type for them.
with

latest as (

    {{ latest_s3_storage() | indent(4) }}

),

small as (

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

),

costs as (

    {{ last_month_s3_costs('small objects', ['storage_class']) | indent(4) }}

)

select
    small.bucket_name,
    small.prefix,
    small.storage_class,
    small.objects,
    small.small_objects,
    small.missing_gigabytes,
    costs.billing_period_starts_on,
    costs.currency,
    costs.cost_amount as small_objects_cost
from small
left join costs
    on small.bucket_name = costs.bucket_name and small.prefix = costs.prefix and small.storage_class = costs.storage_class
order by small.missing_gigabytes desc, small.bucket_name asc, small.prefix asc, small.storage_class asc
