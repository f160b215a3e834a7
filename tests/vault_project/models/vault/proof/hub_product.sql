-- Grain: product.
{{ hub(key='product_hk', business_keys=['product_id'], sources=[{'relation': ref('stg_proof__events')}]) }}
