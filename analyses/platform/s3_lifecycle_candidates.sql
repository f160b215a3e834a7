-- Grain: one row per bucket, prefix and class to move to: what STANDARD holds that has not changed for longer than the range says, what it would cost a
-- month in the other class, and from which month on the move has paid for itself. Prices are those of the variable s3_class_prices.
{%- set prices = s3_class_prices() %}
{%- set ages = {'STANDARD_IA': ['30 to 90 days', '90 to 180 days', '180 days and more'], 'GLACIER_IR': ['90 to 180 days', '180 days and more'],
    'DEEP_ARCHIVE': ['180 days and more']} %}
with

latest as (

    {{ latest_s3_storage() | indent(4) }}

),

candidates as (
    {% for storage_class, ranges in ages.items() %}
    select
        bucket_name,
        prefix,
        '{{ storage_class }}' as target_class,
        sum(objects) as objects,
        cast(sum(size_bytes) as {{ float_type() }}) / 1073741824 as gigabytes,
        -- what the class charges beyond the bytes: 128 KiB at least, or 40 KiB of index and name
        cast(sum({{ '40960 * objects' if storage_class == 'DEEP_ARCHIVE' else 'missing_small_bytes' }}) as {{ float_type() }}) / 1073741824 as more_gigabytes
    from latest
    where
        storage_class = 'STANDARD'
        and version_kind <> 'delete marker'
        and age_class in ('{{ ranges | join("', '") }}')
    group by bucket_name, prefix
    {{ 'union all' if not loop.last }}
    {% endfor %}
),

reckoned as (

    select
        candidates.*,
        gigabytes * {{ prices.STANDARD.storage }} as cost_now,
        case target_class
            {%- for storage_class in ages %}
            when '{{ storage_class }}' then (gigabytes + more_gigabytes) * {{ prices[storage_class].storage }}
            {%- endfor %}
        end as cost_then,
        case target_class
            {%- for storage_class in ages %}
            when '{{ storage_class }}' then objects * {{ prices[storage_class].transition }} / 1000.0
            {%- endfor %}
        end as transition_cost
    from candidates

)

select
    bucket_name,
    prefix,
    target_class,
    objects,
    gigabytes,
    cost_now as monthly_cost_now,
    cost_then as monthly_cost_then,
    cost_now - cost_then as monthly_saving,
    transition_cost,
    transition_cost / nullif(cost_now - cost_then, 0) as break_even_months
from reckoned
where cost_now > cost_then
order by monthly_saving desc, bucket_name asc, prefix asc, target_class asc
