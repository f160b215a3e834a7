{# SELECT of fct_s3_storage on the last day of each bucket with an inventory. #}
{% macro latest_s3_storage() -%}
select storage.*
from {{ ref('fct_s3_storage') }} as storage
inner join (
    select
        bucket_name,
        max(inventory_on) as inventory_on
    from {{ ref('fct_s3_storage') }}
    group by bucket_name
) as last_days
    on storage.bucket_name = last_days.bucket_name and storage.inventory_on = last_days.inventory_on
{%- endmacro %}
