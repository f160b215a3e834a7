-- Grain: one row per version of a product's name.
{{ satellite(
    key='product_hk',
    business_keys=['product_id'],
    payload=['product_name'],
    source=ref('stg_msk__orders'),
    position=['kafka_partition', 'kafka_offset'],
) }}
